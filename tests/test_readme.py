"""The README keeps up with the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from grader.cli import main
from grader.course import find_course

ROOT = Path(__file__).resolve().parents[1]


def options() -> Iterator[tuple[str, str]]:
    """Every command with each of its options, as it is typed in full."""
    for name, command in main.commands.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield name, max(parameter.opts, key=len)


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_names_every_command(readme: str, name: str) -> None:
    """Each command stands in the README as it is typed."""
    assert f"grader {name}" in readme


@pytest.mark.parametrize("option", sorted({option for _, option in options()}))
def test_names_every_option(readme: str, option: str) -> None:
    """Each option of any command stands in the README."""
    assert re.search(rf"{option}(?![\w-])", readme)


def test_names_no_command_or_option_that_is_gone(readme: str) -> None:
    """What the README calls `grader something` in code, or gives it as an option, exists."""
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", readme, re.S))
    commands = set(re.findall(r"(?:^|[`$ (])grader ([a-z]+)\b", code, re.M))
    assert commands <= set(main.commands)
    known = {option for _, option in options()} | {"--help", "--version"}
    for line in re.findall(rf"grader (?:{'|'.join(main.commands)})\b[^`\n]*", code):
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", line)) <= known


def test_names_the_exit_codes(readme: str) -> None:
    """A script that calls the grader finds in the README what its exit codes mean."""
    for code in ("0", "1", "2", "3"):
        assert re.search(rf"(?<![\d.]){code}(?![\d.])", readme)
    assert "exit code" in readme.lower()


def test_names_every_exercise(readme: str) -> None:
    """The course in the README is the course that is there, in its order."""
    listed = readme.split("## The course")[1].split("\n## ")[0]
    assert tuple(re.findall(r"`(\w+)`", listed)) == find_course(ROOT).names

"""The import law: what each side of the grader may know, in the source and in running processes."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "grader"

WORKER_SIDE = {
    "grader.cases",
    *(
        f"grader.execution.{name}"
        for name in (
            "asking",
            "attempts",
            "before",
            "codes",
            "confinement",
            "costs",
            "drives",
            "folders",
            "forkserver",
            "hugepages",
            "hiding",
            "integrity",
            "landlock",
            "limits",
            "loading",
            "materials",
            "observation",
            "protocol",
            "seccomp",
            "watching",
            "worker",
        )
    ),
}
USES_TORCH = {
    "grader.execution.forkserver",
    "grader.execution.worker",
    "grader.execution.observation",
    "grader.execution.materials",
    "grader.execution.costs",
    "grader.execution.attempts",
    "grader.execution.hiding",
    "grader.execution.integrity",
}
JUDGES = {
    "hypothesis",
    "click",
    "nbformat",
    "grader.attempt",
    "grader.cli",
    "grader.course",
    "grader.diagnosis",
    "grader.grading",
    "grader.inspecting",
    "grader.judging",
    "grader.planning",
    "grader.properties",
    "grader.report",
    "grader.reporters",
    "grader.shrinking",
    "grader.strategies",
    "grader.survey",
    "grader.vacuous",
    "grader.validation",
    "grader.workbench",
    "solutions",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
GRADER_SIDE = sorted(MODULES.keys() - WORKER_SIDE)


def imported_by(path: Path, *, typing: bool = False) -> set[str]:
    """Modules that a file imports, at the top or within functions, each with the packages that hold it.

    What stands under ``if TYPE_CHECKING`` never runs; it counts only with ``typing``.
    """
    found: set[str] = set()
    for node in _statements(ast.parse(path.read_text(encoding="utf-8")).body, typing=typing):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.rsplit(".", up)[0] for name in found for up in range(name.count(".") + 1)}


def _statements(body: list[ast.stmt], *, typing: bool) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not typing:
            yield from _statements(node.orelse, typing=typing)
            continue
        for inner in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, inner, []), typing=typing)


def reached_from(name: str) -> set[str]:
    """All that a module of ours makes Python import, through other modules of ours."""
    seen, waiting = set(), {name}
    while waiting:
        each = waiting.pop()
        seen.add(each)
        if each in MODULES:
            waiting |= imported_by(MODULES[each]) - seen
    return seen


def test_this_law_speaks_of_modules_that_exist() -> None:
    """The lists above name modules of this package, so that a renamed one can't slip through."""
    assert MODULES.keys() >= WORKER_SIDE
    ours = {name for name in JUDGES if name.startswith("grader.")}
    assert ours <= MODULES.keys()


@pytest.mark.parametrize("name", GRADER_SIDE)
def test_the_grader_side_never_imports_torch(name: str) -> None:
    """No module of the grader's side imports torch or a module of the worker's side that does, not even inside a
    function."""
    assert not imported_by(MODULES[name]) & ({"torch"} | USES_TORCH)
    assert "torch" not in reached_from(name)


@pytest.mark.parametrize("name", sorted(WORKER_SIDE))
def test_the_worker_side_never_imports_what_judges(name: str) -> None:
    """What runs beside a submission reaches nothing that knows what is right, nor the libraries of the grader."""
    assert not reached_from(name) & JUDGES


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith("grader.reporters")))
def test_reporters_import_only_the_report(name: str) -> None:
    """A rendering reads the report and nothing else of the grader, but what renderings share."""
    ours = {each for each in imported_by(MODULES[name], typing=True) if each.split(".")[0] == "grader"}
    modules = {each for each in ours if each in MODULES and not each.startswith("grader.reporters")}
    assert modules <= {"grader", "grader.report"}


def test_only_the_pipeline_sees_all_stages() -> None:
    """No module below ``grading`` imports it, but for those that start it."""
    importing = {name for name, path in MODULES.items() if "grader.grading" in imported_by(path)}
    commands = {
        "commands.grading",
        "commands.authoring",
        "commands.cohorts",
        "commands.options",
        "pytest_plugin",
        "replaying",
        "spreading",
        "station",
        "survey",
        "validation",
    }
    assert importing <= {f"grader.{name}" for name in commands}


@pytest.mark.parametrize("path", sorted((ROOT / "exercises").glob("*/exercise.py")), ids=lambda path: path.parent.name)
def test_an_exercise_is_declared_without_torch(path: Path) -> None:
    """exercise.py is read by the grader, so it imports no torch, at the top or within functions."""
    assert "torch" not in imported_by(path)


@pytest.mark.parametrize("path", sorted((ROOT / "exercises").glob("*/drive.py")), ids=lambda path: path.parent.name)
def test_a_drive_knows_nothing_that_judges(path: Path) -> None:
    """drive.py runs beside the submission, and is given to students: it reaches nothing that judges."""
    reached = set().union(*(reached_from(name) for name in imported_by(path)))
    assert not reached & JUDGES


def modules_after(code: str, *arguments: str, **environment: str) -> set[str]:
    """Names in ``sys.modules`` of a fresh Python when it has run ``code`` (which may end in ``SystemExit``)."""
    script = (
        "import json, os, sys\n"
        "try:\n"
        f"    exec({code!r})\n"
        "finally:\n"
        "    os.write(2, b'MODULES' + json.dumps(sorted(sys.modules)).encode())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=environment | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    words, _, modules = done.stderr.rpartition(b"MODULES")
    assert modules, words.decode()
    return set(json.loads(modules))


def test_importing_the_command_line_is_light() -> None:
    """``import grader.cli`` brings click and neither torch, numpy, hypothesis nor nbformat."""
    modules = modules_after("import grader.cli")
    assert "click" in modules
    assert not modules & {"torch", "numpy", "hypothesis", "nbformat"}


@pytest.mark.parametrize(
    "command",
    ["", "grade", "check", "cohort", "export", "validate", "replay", "release", "package", "new", "list", "start"],
)
def test_help_is_light(command: str) -> None:
    """``--help`` of every command is answered without anything heavy."""
    arguments = [each for each in (command, "--help") if each]
    modules = modules_after("from grader.cli import main; main()", *arguments)
    assert not modules & {"torch", "numpy", "hypothesis", "nbformat", "grader.grading"}


def test_grading_never_brings_torch_into_the_grader(tmp_path: Path) -> None:
    """After a submission was graded, shrunk and diagnosed, the grader's process still has no torch."""
    path = tmp_path / "hw.py"
    path.write_text("def init_hidden(rnn, batch_size):\n    return None\n", encoding="utf-8")
    modules = modules_after(
        "from grader.cli import main; main()",
        "grade",
        str(path),
        "--max-examples=3",
        "--device=cpu",
        "--format=json",
        GRADER_CACHE_DIR=str(tmp_path / "cache"),
    )
    assert {"grader.grading", "grader.shrinking", "hypothesis", "numpy"} <= modules
    assert "torch" not in modules


def test_workers_have_nothing_of_the_grader() -> None:
    """The modules that make up fork server and workers bring torch, and nothing that judges."""
    modules = modules_after("import grader.execution.forkserver")
    assert {"torch", "grader.execution.worker"} <= modules
    assert not modules & JUDGES

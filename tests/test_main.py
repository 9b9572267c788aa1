"""Where the program begins: what can go wrong before it is itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, wait_for

_SCRIPT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]["grader"]
_MODULE, _, _FUNCTION = _SCRIPT.partition(":")
BEGINNINGS = {
    "python -m grader": ("-m", "grader"),
    "grader": ("-c", f"import sys; from {_MODULE} import {_FUNCTION}; sys.exit({_FUNCTION}())"),
}

pytestmark = pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)


def begin(beginning: tuple[str, ...], *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """The program, which hears Ctrl-C as in a terminal, whoever runs these tests."""
    return subprocess.Popen(
        [sys.executable, *beginning, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_control_c_while_python_still_imports(beginning: tuple[str, ...], tmp_path: Path) -> None:
    """Before there is anything to clear up, Ctrl-C is exit code 130 and one line, never a traceback."""
    mark = tmp_path / "mark"
    (tmp_path / "click").mkdir()
    waits = f"import time\nopen({str(mark)!r}, 'w').close()\ntime.sleep(600)\n"
    (tmp_path / "click" / "__init__.py").write_text(waits)
    process = begin(beginning, "list", env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"})
    assert wait_for(mark.exists)
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "grader: interrupted; nothing was written.\n")
    assert process.returncode == 130


def test_what_lies_in_the_folder_is_taken_for_no_package(beginning: tuple[str, ...], tmp_path: Path) -> None:
    """A click.py or torch.py where the program is started is not run, also where PYTHONPATH names the folder."""
    for name in ("click", "torch", "numpy", "hypothesis"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')\n")
    environment = {**os.environ, "PYTHONPATH": f".{os.pathsep}{ROOT}", "GRADER_COURSE": str(ROOT)}
    process = begin(beginning, "list", env=environment, cwd=tmp_path)
    out, said = process.communicate()
    assert (process.returncode, said) == (0, "")
    assert "init_hidden" in out


def test_a_file_elsewhere_that_hides_a_package_is_named(beginning: tuple[str, ...], tmp_path: Path) -> None:
    """Where PYTHONPATH puts a numpy.py before numpy, that is said at once, with what to do."""
    theirs = tmp_path / "homework"
    theirs.mkdir()
    (theirs / "numpy.py").write_text("x = 1\n")
    environment = {**os.environ, "PYTHONPATH": f"{theirs}{os.pathsep}{ROOT}"}
    process = begin(beginning, "list", env=environment, cwd=tmp_path)
    assert process.communicate() == (
        "",
        f"grader: {theirs / 'numpy.py'} stands in the way of the package numpy, which the grader needs. "
        "Rename it, or take its folder out of PYTHONPATH.\n",
    )
    assert process.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="closes descriptors")
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_streams_may_be_closed(beginning: tuple[str, ...], closed: tuple[int, ...], tmp_path: Path) -> None:
    """Under cron or a daemon, where nobody reads, a verdict is an exit code, and a report stands in its file."""
    (tmp_path / "late.py").write_text("def init_hidden(rnn, batch_size):\n    return None\n")
    process = subprocess.run(
        [sys.executable, *beginning, "grade", "late.py", "--report", "json=report.json"],
        preexec_fn=lambda: [os.close(number) for number in closed],
        env={**os.environ, "PYTHONPATH": str(ROOT), "GRADER_COURSE": str(ROOT)},
        cwd=tmp_path,
        check=False,
    )
    assert process.returncode == 1
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["score"] == 0


def test_a_terminal_without_the_signs_is_written_to(beginning: tuple[str, ...], tmp_path: Path) -> None:
    """What it lacks is a question mark there, and no fault."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252"}
    process = begin(beginning, "doctor", env=environment, cwd=tmp_path)
    out, said = process.communicate()
    assert (process.returncode, said) == (0, "")
    assert "?" in out

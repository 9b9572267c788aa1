"""Where the program begins: what can go wrong before it is itself."""

from __future__ import annotations

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
    (tmp_path / "click.py").write_text(f"import time\nopen({str(mark)!r}, 'w').close()\ntime.sleep(600)\n")
    process = begin(beginning, "list", env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}, cwd=tmp_path)
    assert wait_for(mark.exists)
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "grader: interrupted; nothing was written.\n")
    assert process.returncode == 130

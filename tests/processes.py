"""The command line as a process of its own, and the processes that belong to it, looked for in /proc."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# these end it, as in a terminal: whoever runs these tests in the background has them ignored in all that they start
_HEARS_SIGNALS = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "signal.signal(signal.SIGHUP, signal.SIG_DFL)"
)


def start(*arguments: str, before: str = "", **options: Any) -> subprocess.Popen[str]:
    """The command in a process and a process group of its own, as a shell would start it; ``before`` is Python."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    code = f"{_HEARS_SIGNALS}; {before}\nfrom grader.cli import main; main(prog_name='grader')"
    options = {"stderr": subprocess.PIPE, "text": True, "start_new_session": True, **options}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, **options)


def wait_for(condition: Callable[[], Any]) -> bool:
    """Whether a condition comes to hold within a minute."""
    for _ in range(600):
        if condition():
            return True
        time.sleep(0.1)
    return False


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid: int) -> list[int]:
    """Processes that a process started and that still run."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (each / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid and state not in "ZX":
            found.append(int(each.name))
    return found


def command_of(pid: int) -> str:
    """The command line of a process; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def descendants(pid: int) -> list[int]:
    """Processes that run because of a process: children, theirs, and so on."""
    found = children(pid)
    return found + [each for child in found for each in descendants(child)]


def with_path(folder: Path) -> list[int]:
    """Processes that still run and have a folder in their PATH, whoever is their parent by now."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            environment = (each / "environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        paths = [value[5:].split(b":") for value in environment if value.startswith(b"PATH=")]
        if any(str(folder).encode() in path for path in paths) and is_running(int(each.name)):
            found.append(int(each.name))
    return found

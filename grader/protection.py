"""How well this machine is protected from submissions: tried out with a real worker, not concluded from versions.

Code that tries what a hostile submission would (``execution/attempts.py``) is run as a submission is. What it was kept
from decides about the level; what it says of itself is checked from outside where that can be seen.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cases import Case
from grader.errors import InternalFault
from grader.execution.bundles import Bundle
from grader.execution.limits import Limits
from grader.execution.servers import WorkerServer
from grader.execution.session import Session
from grader.execution.traces import PlainValue
from grader.report import LEVELS, Attempt, Level, Protection

_SOURCE = Path(__file__).with_name("execution") / "attempts.py"
_DRIVE = "def drive(submission, case, observe):\n    observe(**submission.attempts(dict(case.options)))\n"
_BEYOND = 1 << 30  # bytes over the limit
_PATIENCE_SECONDS = 0.5

_LANDLOCK = "use Linux 5.13 or later with Landlock switched on"
_SECCOMP = "install libseccomp (libseccomp2 in Debian and Ubuntu)"
_BWRAP = "install bubblewrap, and allow user namespaces where this is not root"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """One sort of attempt: in words, from which level on it must fail, what can stop it, and how to get that."""

    what: str
    level: Level
    by: tuple[str, ...]
    improve: str


_KINDS: Mapping[str, _Kind] = {
    "own environment": _Kind(what="find secrets in its environment", level="weak", by=("limits",), improve="use Linux"),
    "descriptors": _Kind(what="use open files of the grader", level="weak", by=("limits",), improve="use Linux"),
    "memory": _Kind(what="take more memory than allowed", level="weak", by=("limits",), improve="use Linux"),
    "read files": _Kind(what="read other files", level="good", by=("bubblewrap", "Landlock"), improve=_LANDLOCK),
    "list folders": _Kind(what="list other folders", level="good", by=("bubblewrap", "Landlock"), improve=_LANDLOCK),
    "write files": _Kind(what="write other files", level="good", by=("bubblewrap", "Landlock"), improve=_LANDLOCK),
    "leave files": _Kind(what="leave files for the next submission", level="good", by=("Landlock",), improve=_LANDLOCK),
    "change permissions": _Kind(
        what="change permissions of files", level="good", by=("bubblewrap", "seccomp"), improve=_SECCOMP
    ),
    "read memory": _Kind(
        what="read the memory of other processes", level="good", by=("Landlock", "seccomp"), improve=_LANDLOCK
    ),
    "read environments": _Kind(
        what="read the environment of other processes", level="good", by=("bubblewrap", "Landlock"), improve=_LANDLOCK
    ),
    "TCP": _Kind(what="connect over TCP", level="good", by=("bubblewrap", "Landlock", "seccomp"), improve=_SECCOMP),
    "UDP": _Kind(what="send over UDP", level="good", by=("bubblewrap", "seccomp"), improve=_SECCOMP),
    "abstract sockets": _Kind(
        what="connect to abstract sockets", level="good", by=("bubblewrap", "Landlock", "seccomp"), improve=_SECCOMP
    ),
    "signals": _Kind(
        what="send signals to other processes", level="good", by=("Landlock", "seccomp"), improve=_SECCOMP
    ),
    "limits of others": _Kind(
        what="change limits of other processes", level="good", by=("seccomp", "another user"), improve=_SECCOMP
    ),
    "processes": _Kind(what="start processes", level="good", by=("seccomp",), improve=_SECCOMP),
    "shared memory": _Kind(what="take shared memory", level="good", by=("seccomp", "bubblewrap"), improve=_SECCOMP),
    "daemon": _Kind(what="leave a process behind", level="strong", by=("seccomp", "bubblewrap"), improve=_SECCOMP),
    "tree": _Kind(
        what="take memory by many processes together", level="strong", by=("seccomp", "control group"), improve=_SECCOMP
    ),
    "see": _Kind(
        what="stay in sight of processes outside", level="strong", by=("bubblewrap", "control group"), improve=_BWRAP
    ),
}


def probe(server: WorkerServer, limits: Limits) -> Protection:
    """Tries out what a submission is kept from here.

    Raises:
        InternalFault: the worker could not be run, or torch does not work in it.
    """
    if sys.platform == "win32":  # nothing is limited there, and what would be tried has no names
        return _protection((), set(_KINDS))
    with _targets() as targets:
        said, outside = _said(server, limits, targets)
        open_ = {name for name in _KINDS if not said.get(name)} | targets.reached()
    if trouble := said.get("torch", "?"):
        raise InternalFault(f"torch does not work within the protection of this machine: {trouble}.")
    group = "control group" in server.means
    open_ -= {"tree"} if group or "processes" not in open_ else set()
    open_ -= {"see"} if group or outside else set()
    return _protection(server.means, open_)


def _protection(means: tuple[str, ...], open_: set[str]) -> Protection:
    attempts = tuple(
        Attempt(
            what=kind.what,
            blocked=name not in open_,
            by=tuple(each for each in kind.by if each in means) if name not in open_ else (),
            needed_for=kind.level,
            improve="" if name not in open_ else kind.improve,
        )
        for name, kind in _KINDS.items()
    )
    return Protection(level=_level(attempts), means=means, attempts=attempts)


def _level(attempts: tuple[Attempt, ...]) -> Level:
    """The highest level for which all that is needed is blocked."""
    reached: Level = LEVELS[0]
    for level in LEVELS[1:]:
        if not all(each.blocked for each in attempts if each.needed_for == level):
            break
        reached = level
    return reached


def _said(server: WorkerServer, limits: Limits, targets: _Targets) -> tuple[dict[str, str], bool]:
    """What the worker says of each attempt, and whether its process ids are other ones than outside."""
    bundle = Bundle.of_one_file("attempts.py", _SOURCE.read_text(encoding="utf-8"))
    options = {**targets.options(), "bytes": (limits.memory_mb << 20) + _BEYOND}
    with Session(server, bundle=bundle, drive=_DRIVE, names=["attempts"], limits=limits) as session:
        failure = session.load().failure
        status = _status(session.pid)
        traces = list(session.run([Case(parts={}, options=options)]))
        failure = failure or traces[0].failure
        if failure is not None:
            raise InternalFault(f"The protection of this machine could not be tried out: {failure}.")
    values = traces[0].moments[0].values
    said = {name: str(each.value) for name, each in values.items() if isinstance(each, PlainValue)}
    parent = status.get("PPid", [])
    if parent and parent != [str(os.getpid())] and not any(_status(pid).get("PPid") == parent for pid in _processes()):
        said["daemon"] = said.get("daemon") or "it was ended with its worker"
    return said, len(status.get("NSpid", [])) > 1


def _status(pid: int | None) -> dict[str, list[str]]:
    """What the kernel says of a process, by field; nothing where there is no such process, or no /proc."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
        return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    return {}


def _processes() -> list[int]:
    with contextlib.suppress(OSError):
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return []


@dataclass(frozen=True, kw_only=True, slots=True)
class _Targets:
    """Something to attack: a folder with a file in it, and listeners."""

    folder: Path
    tcp: socket.socket
    udp: socket.socket
    abstract: socket.socket | None
    name: str

    def options(self) -> dict[str, Any]:
        """What the attempts are told."""
        return {
            "folder": str(self.folder),
            "file": str(self.folder / "secret"),
            "tcp": self.tcp.getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "abstract": self.name,
            "processes": [os.getpid()],
        }

    def reached(self) -> set[str]:
        """Names of attempts whose effect is seen from here, whatever they said."""
        listeners = {"TCP": self.tcp, "UDP": self.udp, "abstract sockets": self.abstract}
        found = {name for name, each in listeners.items() if each and select.select([each], [], [], 0)[0]}
        if (self.folder / "written").exists():
            found.add("write files")
        if (self.folder / "secret").stat().st_mode & 0o777 != 0o644:
            found.add("change permissions")
        return found


@contextmanager
def _targets() -> Iterator[_Targets]:
    name = f"grader-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-")))
        folder.chmod(0o755)
        (folder / "secret").write_text(secrets.token_hex(4), encoding="ascii")
        (folder / "secret").chmod(0o644)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        abstract = None
        if hasattr(socket, "AF_UNIX"):
            with contextlib.suppress(OSError):  # only Linux has names that are no files
                abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
                abstract.bind("\0" + name)
                abstract.listen()
        yield _Targets(folder=folder, tcp=tcp, udp=udp, abstract=abstract, name=name)

"""What a worker gives up before it runs a submission: descriptors, resources, ties to its surroundings.

These bound accidents (a flood, a leak, an endless loop); they are not a sandbox.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from dataclasses import asdict, dataclass
from typing import Any

if sys.platform != "win32":
    import resource  # here, and so once for all workers that are forked

_PR_SET_PDEATHSIG = 1
_FILE_BYTES = 64 << 20
_OPEN_FILES = 256
_RANGES: dict[str, tuple[float, int]] = {  # a day, a TiB, and what a report can carry
    "import_seconds": (0.01, 86_400),
    "case_seconds": (0.01, 86_400),
    "exercise_seconds": (0.01, 86_400),
    "submission_seconds": (0.01, 86_400),
    "memory_mb": (1, 1 << 20),
    "output_kb": (1, 10_240),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Limits of a submission.

    Attributes:
        import_seconds: wall time for executing the submission's file.
        case_seconds: wall time for one run.
        exercise_seconds: wall time for one exercise of one submission: all its runs together, with those that confirm
            and shrink what fails; also CPU time of each worker.
        submission_seconds: the same for all exercises of one submission together; no more than the sum where ``None``.
        memory_mb: MiB of address space beyond what a worker has at its start.
        output_kb: KiB of standard output and error that are kept.
    """

    import_seconds: float = 20.0
    case_seconds: float = 10.0
    exercise_seconds: float = 120.0
    submission_seconds: float | None = None
    memory_mb: int = 2048
    output_kb: int = 16

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)

    def at_least(self, others: Limits) -> Limits:
        """Of each limit the greater one, but for ``submission_seconds``, which nothing of the course's own needs."""
        ours, theirs = asdict(self), asdict(others)
        return Limits(**{name: max(ours[name], theirs[name]) for name in ours if name != "submission_seconds"})

    @classmethod
    def expected(cls, name: str) -> str:
        """What the value of a limit must be, in words."""
        least, most = _RANGES[name]
        return f"a {'whole ' if isinstance(least, int) else ''}number from {least} to {most:,}"

    @classmethod
    def allows(cls, name: str, value: object) -> bool:
        """Whether a limit may have a value."""
        least, most = _RANGES[name]
        if isinstance(value, bool) or not isinstance(value, int if isinstance(least, int) else int | float):
            return False
        return least <= value <= most


def detach_from_parent() -> None:
    """Own session, and death with the parent."""
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def bound_resources(limits: Limits, *, bound_memory: bool) -> None:
    """Sets the resource limits of this process; ``bound_memory=False`` where an accelerator maps its memory here."""
    if sys.platform == "win32":
        return
    cpu = int(limits.exercise_seconds + limits.import_seconds) + 1
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: _FILE_BYTES,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CPU: cpu,
    }
    if bound_memory and sys.platform == "linux":
        with open("/proc/self/statm", encoding="utf-8") as statm:
            mapped = int(statm.read().split()[0]) * resource.getpagesize()
        wanted[resource.RLIMIT_AS] = mapped + (limits.memory_mb << 20)
    for which, value in wanted.items():
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))


def keep_only(descriptors: set[int]) -> None:
    """Closes every descriptor of this process but the given ones."""
    low = 0
    for kept in sorted(descriptors):
        if low < kept:  # an empty range from 0 would close everything
            os.closerange(low, kept)
        low = kept + 1
    os.closerange(low, 4096)

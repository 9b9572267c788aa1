"""How many processors there are for this process, which in a container is seldom as many as the machine has."""

from __future__ import annotations

import math
import os
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def processors() -> int:
    """Those that this process may run on, and no more than its control groups give it time for, but one at least.

    Source: the kernel's documentation of control groups, ``cpu.max`` (version 2), ``cpu.cfs_quota_us`` (version 1).
    """
    able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([able, *(math.ceil(share) for share in _shares())]))


def _shares() -> list[float]:
    """Of each group that this process is in, and of those around it: the processors that its quota comes to."""
    found = []
    for line in _lines(_OWN):
        number, controllers, path = line.split(":", 2)
        folder, files = _GROUPS, ["cpu.max"]
        if "cpu" in controllers.split(","):
            folder, files = _GROUPS / "cpu", ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
        elif number != "0":
            continue
        inner = Path(path.lstrip("/"))
        for each in (inner, *inner.parents):  # inside a container the path may be that outside; its own is the folder
            words = [word for file in files for text in _lines(folder / each / file) for word in text.split()]
            if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]):
                found.append(int(words[0]) / int(words[1]))
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []

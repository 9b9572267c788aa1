"""How many processors there are for this process, which in a container is seldom as many as the machine has."""

from __future__ import annotations

import math
import os
from pathlib import Path

from grader.execution.groups import own_groups

_QUOTAS = {"": ("cpu.max",), "cpu": ("cpu.cfs_quota_us", "cpu.cfs_period_us")}  # and periods, by version


def processors() -> int:
    """Those that this process may run on, and no more than its control groups give it time for, but one at least.

    Source: the kernel's documentation of control groups, ``cpu.max`` (version 2), ``cpu.cfs_quota_us`` (version 1).
    """
    able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([able, *(math.ceil(share) for share in _shares())]))


def _shares() -> list[float]:
    """Of each group that this process is in, and of those around it: the processors that its quota comes to."""
    found = []
    own = own_groups()
    for kind in own.keys() & _QUOTAS.keys():
        for folder in (own[kind], *own[kind].parents):  # inside a container the path may be that outside
            words = [word for file in _QUOTAS[kind] for word in _words(folder / file)]
            if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]):
                found.append(int(words[0]) / int(words[1]))
    return found


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []

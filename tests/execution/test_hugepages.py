"""Huge pages: what is moved into them stays what it was, and is in them where the system has any."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """
import mmap
from grader.execution.hugepages import collapse, places

def in_huge_pages():
    with open("/proc/self/smaps_rollup", encoding="utf-8") as rollup:
        return sum(int(line.split()[1]) for line in rollup if line.startswith("AnonHugePages"))

held = mmap.mmap(-1, 16 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for start in range(0, len(held), 4096):
    held[start : start + 4] = start.to_bytes(4, "little")
before, found = in_huge_pages(), places()
for place in found:
    collapse(place)
kept = all(int.from_bytes(held[start : start + 4], "little") == start for start in range(0, len(held), 4096))
print(len(found) >= 7, kept, in_huge_pages() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="huge pages of Linux")
def test_memory_is_moved_and_kept() -> None:
    """16 MiB have at least seven places for huge pages; what is in them is the same afterwards."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    found, kept, moved = done.stdout.split()
    assert (found, kept) == ("True", "True")
    assert int(moved) in (0, *range(7 << 11, 1 << 20)), "none where the system has none, else all"

"""Moves what a process holds into huge pages, so that forking it copies a far smaller table, and ending the fork too.

A process with torch in it has some 50,000 pages that each fork must enter into a table of its own, which takes longer
than anything else in starting a worker. A huge page takes the place of 512 of them, until a fork writes to it; then
its own entries are made, for that part alone. Linux can do it since 6.1 (``MADV_COLLAPSE``); elsewhere nothing happens.
"""

from __future__ import annotations

import ctypes
import sys

_MADV_COLLAPSE = 25
_SIZE = 2 << 20  # on the processors where torch runs, with pages of 4 KiB


def places() -> list[int]:
    """Addresses in this process's anonymous memory at which a huge page would fit."""
    if sys.platform != "linux":
        return []
    found: list[int] = []
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            addresses, rights, *_, inode = line.split(maxsplit=5)[:5]
            if rights.startswith("rw") and rights.endswith("p") and inode == "0":
                start, end = (int(address, 16) for address in addresses.split("-"))
                found += range(-(-start // _SIZE) * _SIZE, end - _SIZE + 1, _SIZE)
    return found


def collapse(place: int) -> None:
    """Makes one huge page of the pages at an address; where there are none, or no memory, all stays as it is."""
    ctypes.CDLL(None).madvise(ctypes.c_void_p(place), ctypes.c_size_t(_SIZE), _MADV_COLLAPSE)

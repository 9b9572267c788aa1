"""Folders that somebody's code has written: how much is in them, and how to be rid of them.

Nothing here recurses, and what is removed has no long path: a program can nest folders deeper than any stack, and any
path, is long.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections import deque

_ENOUGH = 10_000  # entries, beyond which nobody needs to know how many


def written(folder: str) -> tuple[int, int]:
    """How many entries a folder has, at any depth, and how many bytes they take; not counted to the end if many.

    A folder in it that can't be looked into (made without the right to read it, or deeper than a path reaches) counts
    as many: what is in there could be.
    """
    count, size = 0, 0
    waiting = deque([folder])
    while waiting and count < _ENOUGH:
        try:
            with os.scandir(waiting.popleft()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        with contextlib.suppress(OSError):
                            size += entry.stat(follow_symlinks=False).st_size
                    if count >= _ENOUGH:
                        break
        except (FileNotFoundError, NotADirectoryError):
            continue  # removed or replaced meanwhile
        except OSError:
            return _ENOUGH, size
    return count, size


def remove_tree(folder: str) -> None:
    """Removes a folder and all that is in it; what can't be removed is left."""
    waiting = [folder]
    while waiting:
        each = waiting.pop()
        with contextlib.suppress(OSError):
            with os.scandir(each) as entries:
                found = list(entries)
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    beside = f"{folder}-{secrets.token_hex(4)}"
                    os.chmod(entry.path, 0o700)  # it may have been made without rights for anybody
                    os.rename(entry.path, beside)
                    waiting.append(beside)
                else:
                    os.unlink(entry.path)
            os.rmdir(each)

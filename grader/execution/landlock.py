"""Landlock: a process gives up its access to files, to TCP and to other processes, for good and without privileges.

After the kernel's documentation (Documentation/userspace-api/landlock.rst) and its header (linux/landlock.h). Called by
number, because the C library has no functions for it; the numbers are the same on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_FOR_ABI = 1
_PATH_BENEATH = 1

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_OF_FIRST_ABI = (1 << 13) - 1  # of them EXECUTE is the first, which nobody gets
_MAKE_DEVICES = 1 << 6 | 1 << 11
_EXECUTE = 1
_OF_FILES = _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV
_BIND_AND_CONNECT_TCP = 1 << 0 | 1 << 1
_ABSTRACT_SOCKETS_AND_SIGNALS = 1 << 0 | 1 << 1

_libc = ctypes.CDLL(None, use_errno=True)


class _RulesetAttr(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneathAttr(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def abi() -> int:
    """The version of Landlock that the kernel has; 0 where it has none, or where it is switched off."""
    return max(int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_FOR_ABI)), 0)


def restrict(*, readable: Iterable[str], writable: Iterable[str]) -> None:
    """Restricts this thread, and all that it will start, to these files and to itself.

    Everything that the kernel's version can deny is denied but for reading what is at or below ``readable`` and for
    reading, writing and making files at or below ``writable``. Paths that aren't there are passed over. Must be
    called after ``PR_SET_NO_NEW_PRIVS``, and before a second thread starts.

    Raises:
        OSError: the kernel has no Landlock, or refuses.
    """
    version = abi()
    files = _OF_FIRST_ABI
    files |= _REFER if version >= 2 else 0
    files |= _TRUNCATE if version >= 3 else 0
    files |= _IOCTL_DEV if version >= 5 else 0
    attr = _RulesetAttr(files, _BIND_AND_CONNECT_TCP, _ABSTRACT_SOCKETS_AND_SIGNALS)
    size = 24 if version >= 6 else 16 if version >= 4 else 8  # older kernels know less of the structure
    ruleset = _call(_CREATE_RULESET, ctypes.byref(attr), ctypes.c_size_t(size), 0)
    try:
        for paths, rights in (
            (readable, _READ_FILE | _READ_DIR),
            (writable, files & ~(_EXECUTE | _MAKE_DEVICES)),
        ):
            for path in paths:
                _allow(ruleset, path, rights & files)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_FILES
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(_PathBeneathAttr(rights, parent)), 0)
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return result

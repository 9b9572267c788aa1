"""What confines a worker from within: capabilities, Landlock and seccomp, put on before any code of a submission runs.

Each means is taken where the system has it. What that amounts to is not concluded from their presence: ``protection``
tries it out, with a real worker.
"""

from __future__ import annotations

import ctypes
import glob
import os
import sys
import sysconfig
from collections.abc import Collection
from pathlib import Path

from grader.execution import landlock, seccomp

_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 4, 24, 38
_CAPABILITY_VERSION = 0x20080522
_MOST_CAPABILITIES = 64
_PACKAGE = Path(__file__).resolve().parents[1]
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/cuda", "/usr/local/nvidia")
_SMALL = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
)
_KERNEL = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm", "/dev/zero", "/dev/random", "/dev/urandom")


def accelerator_files() -> list[str]:
    """Device files of the accelerators of this machine."""
    return [path for pattern in ("/dev/nvidia*", "/dev/dri", "/dev/kfd", "/dev/accel*") for path in glob.glob(pattern)]


def readable_paths() -> list[str]:
    """What Python, torch and the system's libraries are made of; nothing of a course, and nobody's home."""
    ours = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    ours += [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    for prefix in (sys.prefix, sys.base_prefix):
        ours += [os.path.join(prefix, name) for name in ("lib", "lib64", "pyvenv.cfg")]
    accelerator = ["/sys"] if accelerator_files() else []
    paths = [*ours, str(_PACKAGE), *_SYSTEM, *_SMALL, *accelerator]
    return [path for path in dict.fromkeys(paths) if os.path.exists(path)]


class Confinement:
    """The means that this system has, made ready once; every worker puts them on after it was forked.

    Args:
        without: names of means not to use, to measure and to test.
    """

    def __init__(self, without: Collection[str] = ()) -> None:
        self._readable = [*readable_paths(), *_KERNEL]
        self._devices = ["/dev/null", *accelerator_files()]
        linux = sys.platform == "linux"
        self._landlock = linux and "Landlock" not in without and landlock.abi() > 0
        self._filter = seccomp.Filter() if linux and "seccomp" not in without and seccomp.available() else None

    @property
    def means(self) -> tuple[str, ...]:
        """What there is, by name."""
        names = {"Landlock": self._landlock, "seccomp": self._filter is not None}
        return tuple(name for name, there in names.items() if there)

    def put_on(self, folder: str) -> None:
        """Confines this process, which must not have a second thread yet, to what it needs and to ``folder``."""
        if sys.platform != "linux":
            return
        _give_up_privileges()
        own = f"/proc/{os.getpid()}"
        if self._landlock:
            writable = [folder, *self._devices]
            if len(self._devices) > 1:
                writable.append(f"{own}/task")  # CUDA names its threads
            landlock.restrict(readable=[*self._readable, own], writable=writable)
        if self._filter is not None:
            self._filter.load()


def _give_up_privileges() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_MOST_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.capset(ctypes.byref((ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)), ctypes.byref((ctypes.c_uint32 * 6)()))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

"""Seccomp: the system calls that a worker gives up. What torch and Python need stays, threads included.

Built by libseccomp (through pyseccomp). Calls are denied by an error, not by death, so that a submission that tries one
gets an exception at that line. Landlock says which files; this says which calls, and closes what Landlock leaves
open: UDP, processes, permissions of files, limits of other processes.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import errno
import os
import socket
from typing import Any

_CLONE_THREAD = 0x10000
_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP = 0x5412, 0x541C, 0x8901, 0x8902
_F_SETOWN, _F_SETOWN_EX = 8, 15
_PR_SET_PDEATHSIG = 1
_KINDS_OF_SOCKETS = 0xF  # above them stand flags
_ALL_OF_AN_INT = 0xFFFFFFFF  # the kernel does not look at the rest of such an argument, so neither may a filter

_DENIED = """
    execve execveat fork vfork ptrace process_vm_readv process_vm_writev process_madvise kcmp
    pidfd_open pidfd_getfd pidfd_send_signal tkill
    socket connect bind listen accept accept4 sendmsg sendmmsg recvmsg recvmmsg
    unshare setns mount umount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick
    mount_setattr
    io_uring_setup io_uring_enter io_uring_register memfd_create memfd_secret userfaultfd bpf perf_event_open
    shmget shmat shmctl semget semop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink
    add_key request_key keyctl fanotify_init fanotify_mark inotify_add_watch name_to_handle_at open_by_handle_at
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
    truncate openat2
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr setxattrat removexattrat
    quotactl quotactl_fd acct swapon swapoff reboot syslog init_module finit_module delete_module kexec_load
    kexec_file_load iopl ioperm modify_ldt personality sethostname setdomainname settimeofday clock_settime
    clock_adjtime adjtimex vhangup migrate_pages move_pages ioprio_set
    landlock_create_ruleset landlock_add_rule landlock_restrict_self
"""
# only on oneself: the first argument is 0, or the process's own id
_ONLY_ON_ZERO = ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr")
_ONLY_ON_ITSELF = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")


def available() -> bool:
    """Whether libseccomp is installed and can be used from Python."""
    try:
        _pyseccomp()
    except (ImportError, RuntimeError, OSError):
        return False
    return True


def _pyseccomp() -> Any:
    find = ctypes.util.find_library
    # the real one starts ldconfig and a compiler, which may not be there
    ctypes.util.find_library = {"c": "libc.so.6", "seccomp": "libseccomp.so.2"}.get  # type: ignore[assignment]
    try:
        import pyseccomp
    finally:
        ctypes.util.find_library = find
    return pyseccomp


class Filter:
    """The filter of workers, made once; ``load`` completes it for one process and puts it in force.

    Raises:
        ImportError, RuntimeError, OSError: libseccomp is not installed; ``available`` says so beforehand.
    """

    def __init__(self) -> None:
        self._module = pyseccomp = _pyseccomp()
        self._filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        self._filter.set_attr(pyseccomp.Attr.CTL_NNP, 0)  # the caller sets it, for Landlock too
        for name in _DENIED.split():
            self._deny(name)
        # threads only; clone3 takes its flags from memory, where a filter can't look: the C library then uses clone
        self._deny("clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
        self._deny("clone3", error=errno.ENOSYS)
        for argument in (0, 1):  # of itself, not of all processes of its user, which may be 0 too
            self._deny("setpriority", pyseccomp.Arg(argument, pyseccomp.NE, 0))
        # each is the way to a signal that another process gets when a descriptor can be read
        for command in (_F_SETOWN, _F_SETOWN_EX):
            self._deny("fcntl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _ALL_OF_AN_INT, command))
        for request in (_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP):
            self._deny("ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _ALL_OF_AN_INT, request))
        self._deny("prctl", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _ALL_OF_AN_INT, _PR_SET_PDEATHSIG))
        # the first versions of Landlock let a file be cut short that may be read, or that is only named
        for name, place in (("open", 1), ("openat", 2)):
            self._deny(name, pyseccomp.Arg(place, pyseccomp.MASKED_EQ, os.O_ACCMODE | os.O_TRUNC, os.O_TRUNC))
        for name in _ONLY_ON_ZERO:
            self._deny(name, pyseccomp.Arg(0, pyseccomp.NE, 0))
        # a pair of streams, which asyncio wakes itself by, leads to nobody else; datagrams could be sent elsewhere
        self._deny("socketpair", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX))
        for kind in {*range(_KINDS_OF_SOCKETS + 1)} - {int(socket.SOCK_STREAM)}:
            self._deny("socketpair", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _KINDS_OF_SOCKETS, kind))

    def _deny(self, name: str, *arguments: Any, error: int = errno.EPERM) -> None:
        # a name that this libseccomp or this architecture does not know
        with contextlib.suppress(OSError):
            self._filter.add_rule(self._module.ERRNO(error), name, *arguments)

    def load(self) -> None:
        """Puts the filter in force for this thread and all that it will start. Raises ``OSError`` where it can't."""
        for name in _ONLY_ON_ITSELF:
            self._deny(name, self._module.Arg(0, self._module.NE, os.getpid()))
        self._filter.load()

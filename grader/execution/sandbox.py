"""What encloses the fork server from without: bubblewrap, a control group, and another user.

``Sandbox.best`` takes what the machine allows, found out by trying. Inside bubblewrap there is a file system with
Python and torch to read and a small memory-backed /tmp to write, no network, and process ids of its own: whatever is
started there ends with it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.execution.confinement import accelerator_files, readable_paths
from grader.execution.groups import own_groups

_NOBODY = 65_534
_TMP_BYTES = 256 << 20
_TRY_SECONDS = 10.0
_TREE_MB = 10_240  # of memory for all workers of a fork server together, beyond which the kernel ends one
_TREE_TASKS = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Sandbox:
    """How a fork server is enclosed.

    Attributes:
        folder: where it makes the folders of its workers; a name inside the sandbox.
        bubblewrap: the program, where it is used.
        group: the control group, where one is used.
        user: the user to become, or ``None``.
    """

    folder: str
    bubblewrap: str | None = None
    group: ControlGroup | None = None
    user: int | None = None

    @classmethod
    def best(cls, folder: str, *, without: Collection[str] = ()) -> Sandbox:
        """The strongest that works here, of the means not left out by name.

        ``folder`` is for temporary files where there is no private one.
        """
        if sys.platform != "linux":
            return cls(folder=folder)
        root = os.geteuid() == 0 and "another user" not in without
        outside = _NOBODY if root and all(map(_open_to_others, readable_paths())) else None
        program = None if "bubblewrap" in without else shutil.which("bwrap")
        group = None if "control group" in without else ControlGroup.make()
        for bubblewrap in (program, None) if program else (None,):
            inside = cls(folder="/tmp", bubblewrap=bubblewrap, user=_NOBODY if root else None)
            sandbox = inside if bubblewrap else cls(folder=folder, user=outside)
            if group is not None and replace(sandbox, group=group).works():
                return replace(sandbox, group=group)
            if sandbox.works():
                break
        if group is not None:
            group.remove()
        return sandbox

    def command(self, command: Sequence[str]) -> list[str]:
        """A command line that runs another one inside."""
        enclosed = [self.bubblewrap, *_view(), "--", *command] if self.bubblewrap else list(command)
        return self.group.command(enclosed) if self.group else enclosed

    def works(self) -> bool:
        """Whether a Python can be run inside; some systems have the means and don't allow what they do."""
        command = self.command([sys.executable, "-I", "-S", "-c", ""])
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            null = subprocess.DEVNULL
            done = subprocess.run(
                command, stdin=null, stdout=null, stderr=null, timeout=_TRY_SECONDS, env={}, check=False
            )
            return done.returncode == 0
        return False

    @property
    def means(self) -> tuple[str, ...]:
        """What is used, by name."""
        names = {"bubblewrap": self.bubblewrap, "control group": self.group, "another user": self.user}
        return tuple(name for name, there in names.items() if there is not None)

    def close(self) -> None:
        """Removes the control group; nothing may run in it any more."""
        if self.group is not None:
            self.group.remove()


def _view() -> list[str]:
    """Options of bubblewrap: what can be seen inside."""
    if os.geteuid() == 0:  # --unshare-all would map root to itself, and nobody else
        options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_CHOWN"]
    else:
        options = ["--unshare-all"]
    options += ["--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"]
    options += ["--size", str(_TMP_BYTES), "--tmpfs", "/tmp"]  # before what may stand below it
    python = [os.path.dirname(sys.executable), os.path.dirname(os.path.realpath(sys.executable))]
    bound: list[str] = []
    made = {Path("/")}
    for path in sorted({*readable_paths(), *python}):
        if path in ("/lib", "/lib64") and os.path.islink(path):
            options += ["--symlink", os.readlink(path), path]
        elif not any(Path(path).is_relative_to(each) for each in bound):
            for parent in reversed(Path(path).parents):  # it would make them for its user alone
                if parent not in made:
                    options += ["--perms", "0755", "--dir", str(parent)]
                    made.add(parent)
            options += ["--ro-bind", path, path]
            bound.append(path)
    for path in accelerator_files():
        options += ["--dev-bind", path, path]
    return [*options, "--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/tmp"]


def _open_to_others(path: str) -> bool:
    """Whether a user who owns nothing here could read a path."""
    whole = Path(path).resolve()
    with contextlib.suppress(OSError):
        reachable = all(parent.stat().st_mode & stat.S_IXOTH for parent in whole.parents)
        return reachable and bool(whole.stat().st_mode & stat.S_IROTH)
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlGroup:
    """A control group that bounds memory and tasks of a tree of processes: one folder, or in version 1 two."""

    folders: tuple[Path, ...]

    @classmethod
    def make(cls) -> ControlGroup | None:
        """A new group; ``None`` where this user can make none."""
        name = f"grader-{os.getpid()}-{secrets.token_hex(4)}"
        for parents, limits in _places():
            _remove_left_behind(parents)
            folders = tuple(dict.fromkeys(parent / name for parent in parents))
            try:
                for folder in folders:
                    folder.mkdir()
                for parent, (file, value) in zip(parents, limits, strict=True):
                    with (parent / name / file).open("r+", encoding="ascii") as limit:  # the kernel made it, or nobody
                        limit.write(str(value))
            except OSError:
                cls(folders=folders).remove()
                continue
            return cls(folders=folders)
        return None

    def command(self, command: Sequence[str]) -> list[str]:
        """A command line that runs another one in the group, from its first moment on."""
        enter = "".join(f"echo $$ > {shlex.quote(str(folder / 'cgroup.procs'))} && " for folder in self.folders)
        return ["/bin/sh", "-c", f'{enter}exec "$@"', "sh", *command]

    def remove(self) -> None:
        """Removes the group; nothing may run in it any more."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _remove_left_behind(parents: Sequence[Path]) -> None:
    """Removes groups of graders that were killed before they could."""
    for folder in (each for parent in parents for each in parent.glob("grader-*")):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _places() -> list[tuple[list[Path], list[tuple[str, int]]]]:
    """Where a group could be made: parents, and the limit to be written below each."""
    own = own_groups()
    places: list[tuple[list[Path], list[tuple[str, int]]]] = []
    if "" in own:
        for parent in (own[""], own[""].parent):
            places.append(([parent] * 2, [("memory.max", _TREE_MB << 20), ("pids.max", _TREE_TASKS)]))
    if "memory" in own and "pids" in own:
        places.append(
            ([own["memory"], own["pids"]], [("memory.limit_in_bytes", _TREE_MB << 20), ("pids.max", _TREE_TASKS)])
        )
    return places

"""What encloses the fork server: control groups are made where the kernel makes them, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.execution import sandbox
from grader.execution.sandbox import ControlGroup


def test_a_folder_is_no_control_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where groups of version 1 are mounted in a folder that can be written, a folder beside them bounds nothing."""
    places = [([tmp_path, tmp_path], [("memory.max", 1), ("pids.max", 1)])]
    monkeypatch.setattr(sandbox, "_places", lambda: places)
    assert ControlGroup.make() is None
    assert list(tmp_path.iterdir()) == []


def test_limits_are_written_where_the_kernel_shows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a group that the kernel makes, the files of its limits are there at once; each gets its limit."""
    mkdir = Path.mkdir

    def as_the_kernel_does(self: Path) -> None:
        mkdir(self)
        for name in ("memory.max", "pids.max"):
            (self / name).write_text("max")

    monkeypatch.setattr(sandbox, "_places", lambda: [([tmp_path, tmp_path], [("memory.max", 7), ("pids.max", 9)])])
    monkeypatch.setattr(Path, "mkdir", as_the_kernel_does)
    group = ControlGroup.make()
    assert group is not None
    (folder,) = group.folders
    assert [(folder / name).read_text()[:1] for name in ("memory.max", "pids.max")] == ["7", "9"]

"""How many processors there are, by affinity and by control groups."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.execution import groups
from grader.processors import processors


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of eight processors, whose control groups lie in a folder."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(groups, "_ROOT", tmp_path / "groups")
    monkeypatch.setattr(groups, "_OWN", tmp_path / "own")
    return tmp_path


@pytest.mark.parametrize(
    ("own", "files", "count"),
    [
        (None, {}, 8),
        ("0::/\n", {}, 8),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "max 100000\n"}, 8),
        ("0::/\n", {"cpu.max": "5000 100000\n"}, 1),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "300000 100000\n"}, 3),
        ("0::/docker/1234\n", {"cpu.max": "400000 100000\n"}, 4),
        ("0::/\n", {"cpu.max": "9900000 100000\n"}, 8),
        ("4:cpu,cpuacct:/x\n2:pids:/y\n", {"cpu/x/cpu.cfs_quota_us": "50000", "cpu/x/cpu.cfs_period_us": "25000"}, 2),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 8),
        ("0::/\n", {"cpu.max": "1 0\n"}, 8),
        ("0::/ä\n", {"cpu.max": "1"}, 8),
    ],
    ids=[
        *("no groups", "no quota", "one and a half", "as much as there is", "a twentieth", "in a group around it"),
        *("a path from outside", "more than there are", "version 1", "version 1 without", "no period", "no sense"),
    ],
)
def test_the_least_counts(machine: Path, own: str | None, files: dict[str, str], count: int) -> None:
    """As many as it may run on, or as its groups give it time for; one at least."""
    if own is not None:
        (machine / "own").write_text(own, encoding="utf-8")
    for name, text in files.items():
        path = machine / "groups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    assert processors() == count


def test_here() -> None:
    """On any machine there is one, and no more than it has."""
    assert 1 <= processors() <= (os.cpu_count() or 1)

"""Folders that somebody wrote: counted and removed, however deep, and whoever may read them."""

import os

import pytest

from grader.execution.folders import remove_tree, written

DEEP = 3_000  # deeper than Python recurses, and longer than any path may be


@pytest.fixture
def deep(tmp_path):
    """A folder with folders in it, one in the other; made and left step by step."""
    top = tmp_path / "deep"
    top.mkdir()
    here = os.open(".", os.O_RDONLY)
    os.chdir(top)
    try:
        for _ in range(DEEP):
            os.mkdir("d")
            os.chdir("d")
        with open("file", "w") as file:
            file.write("x")
    finally:
        os.fchdir(here)
        os.close(here)
    yield top
    remove_tree(str(top))


def test_what_is_nested_deeper_than_any_stack_is_removed(deep):
    """Neither recursion nor the length of a path keeps a folder from being removed."""
    remove_tree(str(deep))
    assert list(deep.parent.iterdir()) == []


def test_what_is_nested_deeper_than_a_path_reaches_counts_as_many(deep):
    """Where a path gets too long to look at what is there, it is taken for more than anybody may write."""
    assert written(str(deep))[0] == 10_000


def test_what_can_not_be_read_counts_as_many(tmp_path, monkeypatch):
    """A folder that may be written and not read hides nothing."""
    (tmp_path / "hidden").mkdir(0o300)
    if os.access(tmp_path / "hidden", os.R_OK):  # for root
        scandir = os.scandir

        def refused(path):
            if path.endswith("hidden"):
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refused)
    assert written(str(tmp_path))[0] == 10_000


def test_files_and_bytes_are_counted(tmp_path):
    """Every entry at any depth counts, and the bytes of files; a link counts as itself."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"x" * 1000)
    (tmp_path / "link").symlink_to("/usr")
    files, size = written(str(tmp_path))
    assert files == 4
    assert 1000 <= size < 1100


def test_many_files_are_not_counted_to_the_end(tmp_path):
    """Beyond what anybody may write, counting stops."""
    for number in range(10_050):
        os.close(os.open(tmp_path / str(number), os.O_CREAT | os.O_WRONLY))
    assert written(str(tmp_path))[0] == 10_000


def test_folders_without_rights_are_removed(tmp_path):
    """A folder that was made without rights for anybody is removed; what links point to stays."""
    kept = tmp_path / "kept"
    kept.mkdir()
    top = tmp_path / "top"
    (top / "closed" / "in").mkdir(parents=True)
    (top / "link").symlink_to(kept)
    (top / "closed").chmod(0)
    remove_tree(str(top))
    assert list(tmp_path.iterdir()) == [kept]


def test_what_is_not_there_is_no_error(tmp_path):
    """A folder that is gone has nothing in it and need not be removed."""
    assert written(str(tmp_path / "gone")) == (0, 0)
    remove_tree(str(tmp_path / "gone"))

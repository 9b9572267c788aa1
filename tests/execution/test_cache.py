"""The cache: an entry is whole or it is none, and a folder that can't be written is no fault."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.execution.cache import Cache
from grader.execution.protocol import Frame

FRAMES = [Frame(data={"key": "a"}, blob=b"\x00\x01\x02"), Frame(data={"key": "b"})]


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "made" / "when needed")


def entry(cache: Cache) -> Path:
    """The one file of the cache."""
    (file,) = (cache._folder).iterdir()
    return file


@pytest.mark.parametrize("frames", [FRAMES, FRAMES[:1], []], ids=["two frames", "one frame", "none"])
def test_what_is_written_is_read(cache, frames):
    """An entry is read as it was written, also by another cache over the same folder."""
    cache.write(frames, "exercise", "seed")
    assert cache.read("exercise", "seed") == frames
    assert Cache(cache._folder).read("exercise", "seed") == frames


def test_keys_are_told_apart(cache):
    """Each part of a key counts; what was never written is None."""
    cache.write(FRAMES, "a", "b")
    assert [cache.read(*key) for key in (("a", "c"), ("ab",), ("b", "a"), ("a",), ())] == [None] * 5
    assert cache.read("a", "b") == FRAMES


def test_written_again(cache):
    """A later entry takes the place of an earlier one, and nothing else is left in the folder."""
    cache.write(FRAMES, "key")
    cache.write(FRAMES[:1], "key")
    assert cache.read("key") == FRAMES[:1]
    assert entry(cache)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_cut_short(tmp_path_factory, data):
    """An entry that lacks its end, however much of it, is none."""
    cache = Cache(tmp_path_factory.mktemp("cut"))
    cache.write(FRAMES, "key")
    file = entry(cache)
    whole = file.read_bytes()
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert cache.read("key") is None


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_edited(tmp_path_factory, data):
    """An entry of which one bit was changed, anywhere, is none."""
    cache = Cache(tmp_path_factory.mktemp("edited"))
    cache.write(FRAMES, "key")
    file = entry(cache)
    raw = bytearray(file.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    file.write_bytes(raw)
    assert cache.read("key") is None


def test_extended(cache):
    """Nor is an entry with something behind it."""
    cache.write(FRAMES, "key")
    file = entry(cache)
    file.write_bytes(file.read_bytes() + b"more")
    assert cache.read("key") is None


def test_put_in_the_place_of_another(cache):
    """Nor is an entry, though whole, that was written for another key."""
    cache.write(FRAMES, "key")
    cache.write(FRAMES, "other")
    one, other = (cache._path((name,)) for name in ("key", "other"))
    os.replace(one, other)
    assert cache.read("other") is None


def test_interrupted(cache, monkeypatch):
    """Where somebody interrupts while an entry is written, there is the one from before and nothing beside it."""
    cache.write(FRAMES, "key")

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.execution.cache.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cache.write(FRAMES[:1], "key")
    monkeypatch.undo()
    assert cache.read("key") == FRAMES
    assert entry(cache)


def test_what_is_broken_is_written_anew(cache):
    """After an entry was spoilt, the next one written is read again."""
    cache.write(FRAMES, "key")
    entry(cache).write_bytes(b"")
    assert cache.read("key") is None
    cache.write(FRAMES, "key")
    assert cache.read("key") == FRAMES


def test_what_nobody_reads_goes_when_there_is_too_much(cache, monkeypatch):
    """A folder that has grown too large is halved, by what was not read for longest."""
    for number in range(8):
        cache.write([Frame(data={}, blob=bytes(1000))], str(number))
    old = 1_000_000_000
    for number in range(8):
        os.utime(cache._path((str(number),)), (old + number, old + number))
    assert cache.read("0") is not None
    monkeypatch.setattr("grader.execution.cache.MOST_BYTES", 5_000)
    Cache(cache._folder).write(FRAMES, "new")
    left = [name for name in (*map(str, range(8)), "new") if cache._path((name,)).exists()]
    assert left == ["0", "7", "new"]


def test_a_folder_that_cannot_be_made(tmp_path):
    """Where the folder can't be made, writing does nothing and reading finds nothing."""
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "folder")
    cache.write(FRAMES, "key")
    assert cache.read("key") is None
    assert (tmp_path / "file").read_text() == "in the way"


def test_something_in_the_way(cache):
    """Where the entry's name is taken by a folder, writing does nothing and leaves nothing behind."""
    cache.write(FRAMES, "key")
    file = entry(cache)
    file.unlink()
    file.mkdir()
    cache.write(FRAMES, "key")
    assert cache.read("key") is None
    assert entry(cache) == file


@pytest.mark.parametrize("call", ["os.replace", "tempfile.mkstemp"])
def test_a_full_disk(cache, monkeypatch, call):
    """Where the disk fails while an entry is written, there is no error, and the entry from before is there."""
    cache.write(FRAMES, "key")
    before = entry(cache)

    def full(*args, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"grader.execution.cache.{call}", full)
    cache.write(FRAMES[:1], "key")
    monkeypatch.undo()
    assert cache.read("key") == FRAMES
    assert entry(cache) == before


def test_two_writers(cache):
    """While two write the same entry, whoever reads gets one of the two, whole."""
    entries = [[Frame(data={"writer": n}, blob=bytes([n]) * 50_000)] for n in (1, 2)]
    cache.write(entries[0], "key")
    start = threading.Barrier(3)

    def write(frames):
        start.wait()
        for _ in range(30):
            cache.write(frames, "key")

    writers = [threading.Thread(target=write, args=(frames,)) for frames in entries]
    for writer in writers:
        writer.start()
    start.wait()
    read = [cache.read("key") for _ in range(60)]
    for writer in writers:
        writer.join()
    assert all(frames in entries for frames in read)
    assert cache.read("key") in entries
    assert entry(cache)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        pytest.param({"GRADER_CACHE_DIR": "own", "XDG_CACHE_HOME": "xdg"}, "own", id="its own variable"),
        pytest.param({"XDG_CACHE_HOME": "xdg"}, "xdg/grader", id="the user's cache folder"),
        pytest.param({"XDG_CACHE_HOME": ""}, "home/.cache/grader", id="an empty variable"),
        pytest.param({"GRADER_CACHE_DIR": "", "XDG_CACHE_HOME": "xdg"}, "xdg/grader", id="its own, empty"),
        pytest.param({}, "home/.cache/grader", id="no variable"),
    ],
)
def test_where_it_is(tmp_path, monkeypatch, variables, folder):
    """The folder is the one that the environment names, else in the user's cache folder."""
    for name in ("GRADER_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name, value in variables.items():
        monkeypatch.setenv(name, str(tmp_path / value) if value else "")
    cache = Cache()
    cache.write(FRAMES, "key")
    assert entry(cache).parent == tmp_path / folder


def test_what_is_not_ours_stays(cache, monkeypatch):
    """A folder that holds somebody's other files loses none of them, however large they are."""
    cache.write(FRAMES, "key")
    other = cache._folder / "thesis.tar"
    other.write_bytes(bytes(10_000))
    unfinished = cache._folder / f"{cache._path(('cut',)).name}.abc"
    unfinished.write_bytes(bytes(10_000))
    monkeypatch.setattr("grader.execution.cache.MOST_BYTES", 5_000)
    Cache(cache._folder).write(FRAMES, "new")
    assert other.exists()
    assert not unfinished.exists()


def test_who_has_no_home_goes_without(monkeypatch):
    """Where no folder can be named, nothing is kept, and nothing fails."""

    def nobody():
        raise RuntimeError("Could not determine home directory.")

    for name in ("GRADER_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("grader.execution.cache.Path.home", nobody)
    cache = Cache()
    cache.write(FRAMES, "key")
    assert cache.read("key") is None

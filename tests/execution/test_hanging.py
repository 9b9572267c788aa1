"""Where a submission hangs: what several looks at its stack have in common."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.execution.hanging import Place, place_of
from grader.execution.protocol import Channel
from grader.execution.servers import WorkerProcess

SOURCE = """\
import time

def step(x):
    while x:
        # towards nothing

        x = x + 1
        x = x * 1

def unroll(xs):
    for t in range(len(xs)):
        step(xs[t])
        other(
            t
        )
    time.sleep(600)
    while True: pass

class Counter:
    async def count(self):
        async for each in self:
            self.n = each
            self.n += 1
"""
SOURCES = {"hw.py": SOURCE, "työ.ipynb, cell 2": "x = 1\nwhile True:\n    x += 1\n"}


def look(*frames: tuple[int, str], file: str = "hw.py") -> bytes:
    """What Python writes of these frames, the innermost first, between those of others."""
    lines = ["Stack (most recent call first):", '  File "/lib/torch/nn.py", line 7 in forward']
    lines += [f'  File "{file}", line {number} in {function}' for number, function in frames]
    lines += ['  File "<drive>", line 14 in drive']
    return "\n".join(lines).encode("ascii", "backslashreplace") + b"\n"


@pytest.mark.parametrize(
    ("looks", "place"),
    [
        ([look((7, "step"), (12, "unroll"))] * 5, (4, "step")),
        ([look((n, "step"), (12, "unroll")) for n in (7, 8, 4, 7)], (4, "step")),
        ([look((n, "unroll")) for n in (12, 14)], (11, "unroll")),
        ([look((7, "step"), (12, "unroll")), look((13, "unroll"))], (11, "unroll")),
        ([look((16, "unroll"))] * 5, (16, "unroll")),
        ([look((17, "unroll"))] * 5, (17, "unroll")),
        ([look((n, "unroll")) for n in (12, 16)], (None, "unroll")),
        ([look((12, "unroll"))] * 5, (12, "unroll")),
        ([look((n, "count")) for n in (22, 23)], (21, "count")),
        ([look(), look((16, "unroll")), b""], (16, "unroll")),
        ([look((99, "unroll"))] * 2, (99, "unroll")),
        ([look((0, "unroll")), look((99, "unroll"))], (None, "unroll")),
    ],
    ids=[
        *("one line of a loop", "lines of a loop", "lines of a loop in the caller", "in and out of a call"),
        *("a line in no loop", "a loop of one line", "lines in no loop", "a line of a loop that ends"),
        *("a loop over what comes", "looks that see nothing", "no such line", "no such lines"),
    ],
)
def test_the_place(looks: Sequence[bytes], place: tuple[int | None, str]) -> None:
    """A line, or the head of the loop around all that were seen, of the innermost function that all have in common."""
    assert place_of(looks, SOURCES) == Place("hw.py", *place)


def test_a_cell_with_letters_that_are_not_ascii() -> None:
    """Python spells names in ASCII; the place has the name as it is."""
    file = "työ.ipynb, cell 2"
    assert place_of([look((3, "<module>"), file=file)] * 2, SOURCES) == Place(file, 2, "<module>")


def test_what_names_nothing_of_the_submission() -> None:
    """Where none of its lines is seen, no place is told."""
    assert place_of([], SOURCES) is None
    assert place_of([look((3, "f"), file="other.py"), b"Stack"], SOURCES) is None


@pytest.mark.parametrize("pid", [0, -1])
def test_only_one_process_is_looked_at(monkeypatch: pytest.MonkeyPatch, pid: int) -> None:
    """A number that stands for a group of processes, or for all, is sent no signal: it could be the grader's own."""
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _: sent.append(pid))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker = WorkerProcess(pid=pid, inner_pid=pid, channel=Channel(ours), output=None, keep=0)
        assert (worker.looks(), sent) == ([], [])


@given(st.lists(st.binary() | st.text(st.sampled_from('File "hw.py", line 12 in f\n<>.0'), max_size=300)))
def test_whatever_is_written(looks: list[bytes | str]) -> None:
    """A submission may write anything in the name of Python: what comes names its own lines or nothing."""
    raw = [each if isinstance(each, bytes) else f'  File "hw.py", line 3 in {each}'.encode() for each in looks]
    place = place_of(raw, SOURCES)
    assert place is None or (place.file in SOURCES and len(place.function) <= 80)

"""How a command ends when somebody asks it to, and Python or a library does not pass that on."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from grader.ending import Signals

ASKED = signal.SIGTERM  # unlike SIGINT, never the test run's own


@pytest.fixture
def heard() -> Iterator[Signals]:
    """Signals that are heard in this test's thread, and no longer."""
    before = signal.getsignal(ASKED)
    signal.signal(ASKED, signal.SIG_DFL)
    yield Signals()
    signal.signal(ASKED, before)


class _Finalized:
    def __del__(self) -> None:
        signal.raise_signal(ASKED)


class _FinalizedSlowly:
    def __del__(self) -> None:
        time.sleep(1)


class _Named:
    def __set_name__(self, owner: type, name: str) -> None:
        signal.raise_signal(ASKED)


def _in_a_finalizer() -> None:
    _Finalized()
    time.sleep(30)


def _in_a_finalizer_twice() -> None:
    _Finalized()
    _FinalizedSlowly()  # here it is raised again
    time.sleep(30)


def _made_something_else() -> None:
    type("Owner", (), {"named": _Named()})


@pytest.mark.parametrize("run", [_in_a_finalizer, _in_a_finalizer_twice, _made_something_else])
def test_no_signal_is_lost(heard: Signals, run: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    """What is dropped in a finalizer is raised after it; what became another error is what it was."""
    hook, begun = sys.unraisablehook, time.monotonic()
    with pytest.raises(KeyboardInterrupt), heard.heard():
        run()
    assert time.monotonic() - begun < 30
    assert heard.came is ASKED
    assert sys.unraisablehook is hook
    assert capsys.readouterr().err == ""


def test_nothing_is_written_after_one_that_nobody_noticed(heard: Signals) -> None:
    """Code that catches everything may hide it; the result does not take its place all the same."""

    def run() -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(ASKED)
        heard.ignore()

    with pytest.raises(KeyboardInterrupt), heard.heard():
        run()


def test_a_second_one_stops_no_clearing_up(heard: Signals) -> None:
    """Only the first is raised."""
    cleared = []

    def run() -> None:
        try:
            signal.raise_signal(ASKED)
        finally:
            signal.raise_signal(ASKED)
            cleared.append("all")

    with pytest.raises(KeyboardInterrupt), heard.heard():
        run()
    assert cleared == ["all"]


def test_what_others_could_not_raise_is_told_as_ever(heard: Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in a finalizer that has nothing to do with signals goes where it went before."""

    class Raises:
        def __del__(self) -> None:
            raise ValueError("unrelated")

    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: told.append(str(what.exc_value)))
    with heard.heard():
        Raises()
    assert told == ["unrelated"]

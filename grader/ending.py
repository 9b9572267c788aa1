"""How a command ends when somebody asks it to: Ctrl-C, SIGTERM and a closed terminal clear up alike, once.

How it works: the first signal raises ``KeyboardInterrupt`` in the main thread, so that every ``with`` on the way clears
up behind itself; later ones are ignored, because they would stop the clearing up half-way. While something is made
that must not be lost before it is noted (``held``), the first one waits. From the moment that a result takes its
place (``ignore``) there is nothing to interrupt any more; so who is interrupted may be told that nothing was written.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

EXIT_PASSED, EXIT_FELL_SHORT, EXIT_USED_WRONGLY, EXIT_BROKE = range(4)
EXIT_SIGNALLED = 128  # and the number of the signal, as shells have it: 130 after Ctrl-C
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_NOTHING = "nothing was written."


class Signals:
    """The signals that end a command. Where another program handles or ignores one, it stays as it is.

    Attributes:
        came: the one that was heard.
        left_behind: what is there of the command's work, for who ended it.
    """

    def __init__(self) -> None:
        self.came: signal.Signals | None = None
        self.left_behind = _NOTHING
        self._holding = False
        self._before: dict[int, object] = {}

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Within it, signals end what is done; outside the main thread there are none to hear."""
        self.came, self.left_behind = None, _NOTHING
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    self._before[number] = signal.signal(number, self._hear)
        try:
            yield
        finally:
            if self.came is None:
                for number, handler in self._before.items():
                    signal.signal(number, handler)  # type: ignore[arg-type]
            self._before.clear()

    def ignore(self) -> None:
        """From now on, none of them is heard."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within it, a signal waits."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
            if self.came is not None:
                raise KeyboardInterrupt

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.ignore()
        self.came = signal.Signals(number)
        if not self._holding:
            raise KeyboardInterrupt


SIGNALS = Signals()  # of this process

"""How a command ends when somebody asks it to: Ctrl-C, SIGTERM and a closed terminal clear up alike, once.

How it works: the first signal raises ``KeyboardInterrupt`` in the main thread, so that every ``with`` on the way clears
up behind itself; later ones are ignored, because they would stop the clearing up half-way. While something is made
that must not be lost before it is noted (``held``), the first one waits. From the moment that a result takes its
place (``ignore``) there is nothing to interrupt any more; so who is interrupted may be told that nothing was written.

Python drops what is raised in finalizers and in callbacks of weak references, which run at any moment (after each
import, for one). It tells its hook for that; the signal is sent again then, a little later.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from _thread import start_new_thread
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

EXIT_PASSED, EXIT_FELL_SHORT, EXIT_USED_WRONGLY, EXIT_BROKE = range(4)
EXIT_SIGNALLED = 128  # and the number of the signal, as shells have it: 130 after Ctrl-C
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_NOTHING = "nothing was written."
_AGAIN = 0.01  # seconds until what was dropped is sent again


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
        self._dropped = False
        self._before: dict[int, object] = {}

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Within it, signals end what is done; outside the main thread there are none to hear.

        Raises:
            KeyboardInterrupt: one came, whatever error it has become on its way.
        """
        self.came, self.left_behind, self._dropped = None, _NOTHING, False
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    self._before[number] = signal.signal(number, self._hear)
        tell, sys.unraisablehook = sys.unraisablehook, lambda what: self._hear_of_dropped(what) or tell(what)
        try:
            yield
        except BaseException as error:
            if self.came is not None:
                raise KeyboardInterrupt from error
            raise
        finally:
            sys.unraisablehook = tell
            for number, handler in self._before.items():  # Python's end would set them back before it is over
                signal.signal(number, handler if self.came is None else signal.SIG_IGN)  # type: ignore[arg-type]
            self._before.clear()

    def ignore(self) -> None:
        """From now on, none of them is heard.

        Raises:
            KeyboardInterrupt: one has come, and nobody noticed.
        """
        if self.came is not None:
            raise KeyboardInterrupt
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
        if self.came is None or self._dropped:
            self.came, self._dropped = self.came or signal.Signals(number), False
            if not self._holding:
                raise KeyboardInterrupt

    def _hear_of_dropped(self, what: sys.UnraisableHookArgs) -> bool:
        if self.came is None or not issubclass(what.exc_type, KeyboardInterrupt):
            return False
        self._dropped = True  # the next one is heard
        start_new_thread(_send_later, (self.came,))
        return True


def _send_later(number: signal.Signals) -> None:
    time.sleep(_AGAIN)  # the callback has ended by then
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)


SIGNALS = Signals()  # of this process

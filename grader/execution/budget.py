"""How much time is left for what is run: for one exercise of one submission, and for the whole submission."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

_OF = {"exercise_seconds": "this exercise", "submission_seconds": "this submission"}


@dataclass(kw_only=True, slots=True)
class Budget:
    """Time that several sessions share, possibly of several threads; what they spend of it is wall time of runs.

    Attributes:
        limit: the name of the limit, as in ``course.toml``.
        seconds: its value.
        whole: the budget that this one is a part of.
    """

    limit: str = "exercise_seconds"
    seconds: float
    whole: Budget | None = None
    _spent: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    @property
    def left(self) -> float:
        """Seconds that may still be spent; nothing is left where this is 0 or less."""
        own = self.seconds - self._spent
        return own if self.whole is None else min(own, self.whole.left)

    @property
    def begun(self) -> bool:
        """Whether any of it was spent."""
        return self._spent > 0

    def spend(self, seconds: float) -> None:
        """Takes seconds off, here and from the whole."""
        with self._lock:
            self._spent += seconds
        if self.whole is not None:
            self.whole.spend(seconds)

    def give_back(self) -> None:
        """Undoes what was spent of it, here and of the whole."""
        self.spend(-self._spent)

    def used_up(self) -> str:
        """That it is used up, in words: of what, how much it was, and where to change it."""
        if self.whole is not None and self.whole.left <= 0:
            return self.whole.used_up()
        return f"the time for {_OF[self.limit]} was used up; {limit_in_words(self.limit, self.seconds)}"


def limit_in_words(name: str, seconds: float) -> str:
    """A limit on time, its value, and where to change it."""
    option = "" if name == "import_seconds" else f" or --{name.replace('_', '-')}"
    return f"the limit is {seconds:g} s, by {name} in course.toml{option}"

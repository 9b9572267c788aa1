"""Which of many drawn cases to take: few, and yet of every sort.

What is drawn at random repeats some sorts of cases and misses others, so that a kind of state or module may be missing
from the first fifty. What a case is like is read off its JSON: every small value at its place, whatever its
index in a list, and the length of every list. Cases are taken one by one, each time the one whose pairs of such
features were seen least, as in pairwise testing (Cohen, Dalal, Fredman, Patton: The AETG system, 1997).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.cases import Case

_SEEDS = ("seed", "seeds")
_LARGEST = 9  # larger numbers are seeds, not sizes
_FADING = 4.0  # how much less a pair counts each time that it was taken


class Variety:
    """What some cases are like, so that those that differ most can be chosen among them."""

    def __init__(self, cases: Sequence[Case]) -> None:
        numbers: dict[tuple[Any, Any], int] = {}
        self._pairs = []
        for case in cases:
            features = sorted(set(_features(case.to_json(), "")), key=repr)
            both = itertools.combinations_with_replacement(features, 2)
            self._pairs.append(np.array([numbers.setdefault(pair, len(numbers)) for pair in both]))
        self._count = len(numbers)

    def choose(self, among: Iterable[int], most: int | None) -> list[int]:
        """At most so many of the indices of cases in ``among``, in their order; one from their middle is chosen."""
        left = list(among)
        if most is None or len(left) <= most:
            return left
        if most == 0:
            return []
        novelty = np.ones(self._count)
        chosen = [left.pop(len(left) // 2)]  # the first ones are too simple to show much
        while len(chosen) < most:
            novelty[self._pairs[chosen[-1]]] /= _FADING
            chosen.append(max(left, key=lambda index: float(novelty[self._pairs[index]].mean())))
            left.remove(chosen[-1])
        return sorted(chosen)


def _features(data: Any, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name not in _SEEDS:
                yield from _features(value, f"{path}.{name}")
    elif isinstance(data, list):
        yield path, f"{len(data)} items"
        for value in data:
            yield from _features(value, f"{path}.*")
    elif not isinstance(data, int) or abs(data) <= _LARGEST:
        yield path, data

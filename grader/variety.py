"""Which of many drawn cases to take: few, and yet of every sort.

Hypothesis draws in clumps (it goes on from what it drew before), so that a kind of state or module may be missing
from the first fifty cases. What a case is like is read off its JSON: every small value at its place, whatever its
index in a list, and the length of every list. Cases are taken one by one, each time the one whose pairs of such
features were seen least, as in pairwise testing (Cohen, Dalal, Fredman, Patton: The AETG system, 1997).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.cases import Case

_SEEDS = ("seed", "seeds")
_LARGEST = 9  # larger numbers are seeds, not sizes
_FADING = 4.0  # how much less a pair counts each time that it was taken


def varied(cases: Sequence[Case], most: int | None) -> list[int]:
    """Indices of at most so many of the cases, in their order; one from their middle is among them."""
    if most is None or len(cases) <= most:
        return list(range(len(cases)))
    numbers: dict[tuple[Any, Any], int] = {}
    pairs = []
    for case in cases:
        features = sorted(set(_features(case.to_json(), "")), key=repr)
        both = itertools.combinations_with_replacement(features, 2)
        pairs.append(np.array([numbers.setdefault(pair, len(numbers)) for pair in both]))
    novelty = np.ones(len(numbers))
    left = list(range(len(cases)))
    index = len(left) // 2  # the first ones are too simple to show much
    for _ in range(most):
        novelty[pairs[index]] /= _FADING
        left.remove(index)
        index = max(left, key=lambda i: float(novelty[pairs[i]].mean()))
    return sorted(set(range(len(cases))) - set(left))


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

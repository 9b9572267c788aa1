"""The smallest failing case: Hypothesis draws the same cases again from the same seed and shrinks the first failure.

Nothing that passed is run again, and how many new cases are tried is bounded by a number, not by a clock, so that
the same submission gets the same counterexample. (A clock stands behind it for submissions that hang.)
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Set
from threading import RLock
from typing import TYPE_CHECKING

from grader.cases import Case

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


SEARCHING = RLock()  # one search at a time: Hypothesis itself is changed meanwhile (see ``_plain_draws``)
DRAWS = 4  # draws for each case that is wanted: Hypothesis begins with simple cases, and draws some of them again


class _Fails(Exception):
    """Tells Hypothesis that a case fails."""


class Enough(BaseException):
    """Ends a search at once, when ``fails`` raises it; no ``Exception``, so that Hypothesis lets it pass."""


def search(cases: SearchStrategy[Case], *, seed: int, max_examples: int, fails: Callable[[Case], bool]) -> Case | None:
    """Draws cases in the order of a seed; the first that fails is shrunk and returned, ``None`` where none fails.

    Where the strategy's filters let hardly a case pass, or it has none to draw, none fails.

    Args:
        cases: the strategy.
        seed: of the draws.
        max_examples: how many different cases are wanted; several times as many are drawn.
        fails: judges a case.
    """
    import hypothesis
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import Unsatisfiable

    failing: list[Case] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=DRAWS * max_examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=hypothesis.Verbosity.quiet,
    )
    @given(cases)
    def law_holds(case: Case) -> None:
        if fails(case):
            failing.append(case)
            raise _Fails

    try:
        with SEARCHING, _plain_draws():
            law_holds()
    except (_Fails, Enough, Unsatisfiable):
        pass
    return failing[-1] if failing else None


@contextlib.contextmanager
def _plain_draws() -> Iterator[None]:
    """Keeps Hypothesis from two of its habits; where a version of it has none, there is nothing to keep it from.

    It draws numbers that it finds in the source of the modules that happen to be loaded: the cases of a seed would
    depend on what else was imported and on where the grader is installed, and a folder ``.hypothesis`` would be
    made wherever the grader is started. And it follows most cases by several mutations of them: good for finding a
    fault in thousands of cases, but of the two hundred that are drawn here, few would be of a kind of their own.
    """
    habits: list[tuple[type, str]] = []
    with contextlib.suppress(ImportError):
        from hypothesis.internal.conjecture.providers import HypothesisProvider

        habits.append((HypothesisProvider, "_maybe_draw_constant"))
    with contextlib.suppress(ImportError):
        from hypothesis.internal.conjecture.engine import ConjectureRunner

        habits.append((ConjectureRunner, "generate_mutations_from"))
    with contextlib.ExitStack() as stack:
        for owner, name in habits:
            if hasattr(owner, name):
                stack.enter_context(_replaced(owner, name, lambda *args, **keywords: None))
        yield


@contextlib.contextmanager
def _replaced(owner: type, name: str, method: Callable[..., None]) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, method)
    try:
        yield
    finally:
        setattr(owner, name, before)


def shrink(
    cases: SearchStrategy[Case],
    *,
    seed: int,
    max_examples: int,
    first: Case,
    passed: Set[str] = frozenset(),
    fails: Callable[[Case], bool],
    budget: int,
    seconds: float,
) -> Case:
    """A case no larger than ``first``, which fails; the smallest that Hypothesis finds within the budget.

    Args:
        cases: the strategy that ``first`` was drawn from.
        seed, max_examples: those it was drawn with.
        first: the first case that failed.
        passed: keys of cases that are known to pass; others that are drawn before ``first`` are judged too, up to a
            third of the budget, because Hypothesis never comes back to what passed.
        fails: judges a new case.
        budget: at most so many new cases are judged.
        seconds: no new one is judged after this time.
    """
    target = first.key
    verdicts: dict[str, bool] = {target: True}
    deadline = time.monotonic() + seconds
    found = False

    def known_or_judged(case: Case) -> bool:
        nonlocal found
        key = case.key
        found = found or key == target
        if key in passed or (not found and len(verdicts) > budget // 3):
            return False
        if key not in verdicts:
            if len(verdicts) > budget or time.monotonic() > deadline:
                raise Enough
            verdicts[key] = fails(case)
            found = found or verdicts[key]
        return verdicts[key]

    return search(cases, seed=seed, max_examples=max_examples, fails=known_or_judged) or first

"""Planning: cases are drawn once and kept; runs are gathered once, repetitions last and backwards."""

import collections

import pytest
from hypothesis import strategies as st

from grader.cases import Case
from grader.execution.cache import Cache
from grader.planning import draw_cases, make_plan
from grader.properties import DeviceFollows, Equivalence, Fresh, LeavesNothing, MemoryFlat
from tests.builders import course_exercise, numbered

CASES = [Case(parts={"n": n}) for n in range(6)]
EQUAL = Equivalence(name="equal", points=1, of=("it",))
KEPT = LeavesNothing(name="kept", points=1, of="kept")
FRESH = Fresh(name="fresh", points=1, of=("it",))
DEVICE = DeviceFollows(name="device", points=1, of=("it",))
MEMORY = MemoryFlat(
    name="memory",
    points=1,
    at="it",
    unit="call",
    longer=lambda case: case.with_options(calls=9) if case["n"] == 2 else None,
)


def plan(*laws, cases=CASES, devices=(), with_reference=True):
    return make_plan(laws, cases, devices=devices, with_reference=with_reference)


def test_doubles_are_dropped():
    """A run that two properties want is made once, and both find it."""
    made = plan(EQUAL, KEPT)
    assert list(made.runs.values()) == CASES
    assert [(task.law.name, task.case_index) for task in made.tasks] == [
        (name, index) for name in ("equal", "kept") for index in range(6)
    ]
    for task in made.tasks:
        assert task.runs == {"as it is": CASES[task.case_index].key}
        assert task.case == CASES[task.case_index]


def test_repetitions_come_last_and_backwards():
    """What is run again is run after all others, the last case first."""
    made = plan(FRESH, DEVICE, cases=CASES[:3])
    again = [case for case in made.runs.values() if "again" in case.options]
    assert list(made.runs.values())[-3:] == again
    assert [case["n"] for case in again] == [2, 1, 0]
    assert len(made.runs) == 9


def test_keys_are_those_of_the_runs():
    """Every run stands under its own key, and every task finds its runs."""
    made = plan(EQUAL, FRESH, DEVICE, MEMORY)
    assert all(key == case.key for key, case in made.runs.items())
    assert all(key in made.runs for task in made.tasks for key in task.runs.values())


def test_what_the_reference_runs():
    """The reference makes the runs of laws that compare with it, and no others."""
    made = plan(EQUAL, FRESH, cases=CASES[:2])
    assert made.reference_runs == {case.key for case in CASES[:2]}
    assert plan(FRESH).reference_runs == frozenset()


def test_without_a_reference():
    """Laws that need the reference are left out where there is none."""
    made = plan(EQUAL, KEPT, with_reference=False)
    assert [law.name for law in made.properties] == ["kept"]
    assert {task.law.name for task in made.tasks} == {"kept"}


def test_cases_of_which_a_law_says_nothing():
    """Only cases to which a law applies become tasks."""
    made = plan(MEMORY)
    assert [(task.case_index, list(task.runs)) for task in made.tasks] == [(2, ["many in a row"])]
    assert made.base_keys == ()


@pytest.mark.parametrize("most", [None, 9, 3, 1], ids=str)
def test_a_law_that_takes_some_of_the_cases(most):
    """A law that takes few cases takes so many different ones, in their order."""
    made = plan(Equivalence(name="equal", points=1, of=("it",), cases=most))
    indexes = [task.case_index for task in made.tasks]
    assert len(indexes) == min(most or 6, 6)
    assert indexes == sorted(set(indexes))


def test_only_cases_that_apply_are_taken():
    """Cases of which the law says nothing don't count."""
    for kind in (DeviceFollows, Equivalence):
        law = kind(name="a law", points=1, of=("it",), cases=2, suits=lambda case: case["n"] >= 2)
        indexes = [task.case_index for task in plan(law).tasks]
        assert len(indexes) == 2
        assert min(indexes) >= 2


def test_only_cases_that_suit_are_run():
    """A law that speaks of some kinds of cases only gets no run of the others."""
    made = plan(Equivalence(name="equal", points=1, of=("it",), suits=lambda case: case["n"] % 2 == 0))
    assert [task.case_index for task in made.tasks] == [0, 2, 4]
    assert list(made.runs.values()) == CASES[::2]


def test_a_sample():
    """Of each law as many tasks as are asked for, from all over its cases, with their runs in the plan's order."""
    made = plan(EQUAL, FRESH, MEMORY)
    some = made.sample(2)
    assert [(task.law.name, task.case_index) for task in some.tasks] == [
        ("equal", 1),
        ("equal", 4),
        ("fresh", 1),
        ("fresh", 4),
        ("memory", 2),
    ]
    wanted = {key for task in some.tasks for key in task.runs.values()}
    assert list(some.runs) == [key for key in made.runs if key in wanted]
    assert made.sample(6).tasks == made.tasks


def test_devices():
    """Laws about devices are told which there are; the others stay the very same."""
    made = plan(EQUAL, DEVICE, MEMORY, devices=("cuda",))
    assert made.properties[0] is EQUAL
    assert [law.devices for law in made.properties[1:]] == [("cuda",), ("cuda",)]
    assert {case.device for case in made.runs.values()} == {"cpu", "meta", "cuda"}
    assert {id(task.law) for task in made.tasks} <= {id(law) for law in made.properties}


def test_base_keys():
    """The drawn cases themselves are named once each, where they are run as they are."""
    assert plan(EQUAL, cases=[*CASES[:2], CASES[0]]).base_keys == (CASES[0].key, CASES[1].key)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path)


def never():
    """A strategy that must not be drawn from."""
    return st.builds(lambda: pytest.fail("cases were drawn again"))


def draw(cache, *, seed=3, max_examples=20, salt="", **exercise):
    return draw_cases(course_exercise(**exercise), seed=seed, max_examples=max_examples, cache=cache, salt=salt)


def test_cases_are_drawn_once(cache):
    """The second time, the cases come from the cache, the same and in the same order."""
    first = draw(cache)
    assert len(first) == 20
    assert draw(cache, cases=never()) == first


def test_no_case_twice(cache):
    """What was drawn twice is one case."""
    drawn = draw(cache, cases=numbered(st.integers(0, 2)), max_examples=50)
    assert sorted(case["n"] for case in drawn) == [0, 1, 2]


RARE = {"large": range(200, 225), "huge": range(225, 250)}


@pytest.mark.parametrize(
    ("max_examples", "expected"),
    [(50, {"large": 3, "huge": 3}), (12, {"large": 1, "huge": 1}), (1, {"large": 0, "huge": 0})],
)
def test_some_of_each_rare_sort(cache, max_examples, expected):
    """Each rare sort gets its few cases, whatever the seed; all of them together at most half."""

    def rare(case):
        return next((name for name, numbers in RARE.items() if case["n"] in numbers), None)

    drawn = draw(cache, cases=numbered(st.integers(0, 249)), rare=rare, max_examples=max_examples)
    assert len(drawn) == max_examples
    came = collections.Counter(map(rare, drawn))
    assert {name: came[name] for name in RARE} == expected


@pytest.mark.parametrize(
    "change",
    [{"seed": 4}, {"max_examples": 19}, {"salt": "another version"}, {"identity": "edited"}],
    ids=lambda change: next(iter(change)),
)
def test_what_cases_depend_on(cache, change):
    """Another seed, number, version or exercise draws anew."""
    draw(cache)
    counted = []
    strategy = numbered(st.integers(0, 999).map(lambda n: counted.append(n) or n))
    draw(cache, cases=strategy, **change)
    assert counted


def test_the_same_seed_draws_the_same(tmp_path):
    """Two caches that know nothing of each other hold the same cases for one seed."""
    assert draw(Cache(tmp_path / "one")) == draw(Cache(tmp_path / "other"))
    assert draw(Cache(tmp_path / "one"), seed=4) != draw(Cache(tmp_path / "other"))

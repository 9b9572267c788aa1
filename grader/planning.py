"""What is to be run for an exercise: the drawn cases, and the runs that all properties together want of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.cases import Case
from grader.errors import UsageError
from grader.execution.cache import Cache
from grader.execution.protocol import Frame
from grader.properties.devices import DeviceFollows
from grader.properties.memory import MemoryFlat
from grader.properties.release import MemoryReleased
from grader.variety import Variety

if TYPE_CHECKING:
    from grader.course import CourseExercise
    from grader.properties.base import Property

PER_RARE_SORT = 16  # cases for each case of a rare sort


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A property to be judged on a case: which runs it wants, by label, as keys of ``Plan.runs``."""

    law: Property
    case_index: int
    case: Case
    runs: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All there is to do for one exercise, the same for every submission.

    Attributes:
        cases: the drawn cases.
        properties: the exercise's properties, told of the devices there are.
        tasks: every property on every case that it takes.
        runs: each run once, by key, in the order in which it is made.
        reference_runs: keys of the runs that the reference makes too.
    """

    cases: tuple[Case, ...]
    properties: tuple[Property, ...]
    tasks: tuple[Task, ...]
    runs: Mapping[str, Case]
    reference_runs: frozenset[str]

    def only(self, tasks: Iterable[Task]) -> Plan:
        """The part of the plan that some of its tasks need, in the plan's order."""
        some = tuple(tasks)
        wanted = {key for task in some for key in task.runs.values()}
        runs = {key: case for key, case in self.runs.items() if key in wanted}
        return dataclasses.replace(self, tasks=some, runs=runs, reference_runs=self.reference_runs & wanted)

    def beginning(self, runs: int) -> Plan:
        """What of the plan can be judged as soon as its first ``runs`` runs have been made."""
        first = set(list(self.runs)[:runs])
        return self.only(task for task in self.tasks if first.issuperset(task.runs.values()))

    def sample(self, tasks: int) -> Plan:
        """The part of the plan for so many tasks of each law, spread evenly over its cases."""
        by_law: dict[str, list[Task]] = {}
        for task in self.tasks:
            by_law.setdefault(task.law.name, []).append(task)
        return self.only(task for of_law in by_law.values() for task in _spread(of_law, tasks))

    @property
    def base_keys(self) -> tuple[str, ...]:
        """Keys of the drawn cases themselves, where they are run as they are."""
        return tuple(key for key in dict.fromkeys(case.key for case in self.cases) if key in self.runs)


def draw_cases(exercise: CourseExercise, *, seed: int, max_examples: int, cache: Cache, salt: str) -> tuple[Case, ...]:
    """The cases of a seed; drawn by Hypothesis once, then kept."""
    key = ("cases", salt, exercise.identity, str(seed), str(max_examples))
    stored = cache.read(*key)
    if stored is not None:
        return tuple(Case.from_json(data) for data in stored[0].data["cases"])
    cases = _draw(exercise, seed=seed, max_examples=max_examples)
    cache.write([Frame(data={"cases": [case.to_json() for case in cases]})], *key)
    return cases


def _draw(exercise: CourseExercise, *, seed: int, max_examples: int) -> tuple[Case, ...]:
    from grader.shrinking import search

    drawn: dict[str, Case] = {}

    def note(case: Case) -> bool:
        drawn.setdefault(case.key, case)
        return False

    search(exercise.declared.cases, seed=seed, max_examples=max_examples, fails=note)
    if not drawn:
        raise UsageError(
            f"{exercise.folder / 'exercise.py'}: the strategy `cases` draws no case at all: expected {max_examples}. "
            "It draws from st.nothing(), or a filter or an assume() of it is never met; draw from what suits instead."
        )
    return _chosen(list(drawn.values()), exercise.declared.rare, max_examples)


def _chosen(drawn: Sequence[Case], rare: Callable[[Case], str | None], most: int) -> tuple[Case, ...]:
    """At most so many of the drawn cases: some of each rare sort, up to half of them, and of the others the rest."""
    sorts: dict[str | None, list[int]] = {}
    for index, case in enumerate(drawn):
        sorts.setdefault(rare(case), []).append(index)
    usual, variety = sorts.pop(None, []), Variety(drawn)
    chosen = [index for sort in sorts.values() for index in variety.choose(sort, max(most // PER_RARE_SORT, 1))]
    chosen = variety.choose(chosen, most // 2)
    return tuple(drawn[index] for index in sorted(chosen + variety.choose(usual, most - len(chosen))))


def make_plan(
    properties: Sequence[Property], cases: Sequence[Case], *, devices: tuple[str, ...], with_reference: bool
) -> Plan:
    """Gathers the runs that properties want of cases, drops doubles, and puts repetitions last, in reverse order."""
    laws = tuple(_on_devices(each, devices) for each in properties if with_reference or not each.needs_reference)
    variety = Variety(cases)
    chosen = []
    for law in laws:
        wanted = {index: variants for index, case in enumerate(cases) if (variants := law.wanted(case))}
        chosen += [(law, index, wanted[index]) for index in variety.choose(wanted, law.cases)]
    return plan_of(laws, cases, chosen)


def plan_of(
    laws: Sequence[Property], cases: Sequence[Case], chosen: Iterable[tuple[Property, int, Mapping[str, Case]]]
) -> Plan:
    """The plan to judge laws on cases: ``chosen`` has each with the index of a case and the variants it wants of it."""
    tasks: list[Task] = []
    runs: dict[str, Case] = {}
    reference_runs: set[str] = set()
    for law, index, wanted in chosen:
        keys = {label: variant.key for label, variant in wanted.items()}
        for label, key in keys.items():
            runs.setdefault(key, wanted[label])
        tasks.append(Task(law=law, case_index=index, case=cases[index], runs=keys))
        if law.uses_reference:
            reference_runs.update(keys.values())
    again = [key for key, case in runs.items() if "again" in case.options]
    order = [key for key in runs if key not in set(again)] + again[::-1]
    return Plan(
        cases=tuple(cases),
        properties=tuple(laws),
        tasks=tuple(tasks),
        runs={key: runs[key] for key in order},
        reference_runs=frozenset(reference_runs),
    )


def _spread(tasks: Sequence[Task], most: int) -> Sequence[Task]:
    if len(tasks) <= most:
        return tasks
    return [tasks[(2 * number + 1) * len(tasks) // (2 * most)] for number in range(most)]


def _on_devices(law: Property, devices: tuple[str, ...]) -> Property:
    if isinstance(law, DeviceFollows | MemoryFlat | MemoryReleased):
        return dataclasses.replace(law, devices=devices)
    return law

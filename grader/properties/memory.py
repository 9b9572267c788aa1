"""Memory stays flat over windows or calls: no graph, no tensor is kept that the next one does not need."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import Trace
from grader.properties.base import Evidence, Finding, Property

_LONG, _LARGE = "many in a row", "many large ones in a row"
_WARM_UP = 3  # moments at the start that are not judged: caches fill, buffers are made


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryFlat(Property):
    """Over many windows (or calls), memory grows no more than the reference's.

    Readings at each moment called ``at``: autograd nodes that hang on what is observed, live bytes of the heap
    (``mallinfo2``) or of the accelerator, live blocks of Python's own allocator (``sys.getallocatedblocks``), which
    the heap doesn't show, and, on one larger run, the resident memory of the process, read from outside where no
    submission can touch it.

    Attributes:
        at: the observation that marks a moment.
        unit: what passes between two moments, in a word for messages.
        longer: makes the run with many moments of a case, or ``None`` where there is none.
        larger: likewise, with so much in each moment that a leak shows in resident memory.
        allowed: bytes a moment that the heap may grow by beyond the reference.
        allowed_objects: Python objects a moment that there may be more of beyond the reference; ``None``: any number.
        allowed_resident: bytes a moment that resident memory may grow by beyond the reference.
    """

    at: str
    unit: str
    longer: Callable[[Case], Case | None]
    larger: Callable[[Case], Case | None] | None = None
    allowed: int = 1_500
    allowed_objects: float | None = None
    allowed_resident: int = 500_000
    devices: tuple[str, ...] = ()

    shrinks: ClassVar[bool] = False
    law: ClassVar[str] = "memory does not grow"

    def variants(self, case: Case) -> Mapping[str, Case]:
        if (longer := self.longer(case)) is None:
            return {}
        wanted = {_LONG: longer.with_options(measure="heap")}
        for device in self.devices:
            wanted[f"{_LONG}, on {device}"] = longer.on(device=device).with_options(measure="heap")
        if self.larger is not None and (larger := self.larger(case)) is not None:
            wanted[_LARGE] = larger.with_options(measure="resident")
        return wanted

    def compare(self, evidence: Evidence) -> Finding | None:
        for label, trace in evidence.traces.items():
            reference = evidence.reference[label] if evidence.reference is not None else Trace()
            seen = len(trace.named(self.at))
            expected = len(reference.named(self.at)) if evidence.reference is not None else seen
            if seen != expected:  # with more, put in where nothing grows yet, any growth would have a flat median
                only = "only " if seen < expected else ""
                return Finding(
                    message=f"Whether memory grows can't be told: {only}{seen} of {expected} {self.unit}s were seen.",
                    expected=f"{expected} {self.unit}s",
                    got=f"{seen} {self.unit}s",
                    where=f"after each {self.unit}",
                    labels=(label,),
                )
            for kind, allowed, what in (
                ("nodes", 0.5, "graph nodes"),
                ("heap", self.allowed, "bytes of memory"),
                ("device", self.allowed, "bytes on the device"),
                ("objects", self.allowed_objects, "Python objects"),
                ("resident", self.allowed_resident, "bytes of resident memory"),
            ):
                if allowed is None or (label == _LARGE) != (kind == "resident"):
                    continue
                grown = growth(readings(trace, self.at, kind))
                if grown - max(growth(readings(reference, self.at, kind)), 0.0) > allowed:
                    return Finding(
                        message=f"Memory grows with every {self.unit}: about {roughly(grown)} {what} each time.",
                        expected="no growth",
                        got=f"+{roughly(grown)} {what} a {self.unit}",
                        where=f"after each {self.unit}",
                        labels=(label,),
                    )
        return None


def readings(trace: Trace, at: str, kind: str) -> list[int | None]:
    """What was read at each moment called ``at``: its ``resident`` memory, or the attribute of ``Moment`` so called."""
    read = trace.resident if kind == "resident" else [getattr(moment, kind) for moment in trace.moments]
    return [reading for moment, reading in zip(trace.moments, read, strict=False) if at in moment.values]


def growth(readings: Sequence[int | None]) -> float:
    """Growth a moment: from the first third after warm-up to the last third, over their distance.

    Thirds, because a leak may come only every second time. Both their medians and their least readings have to grow:
    a reading may catch what is about to be given back (by another thread, say), and what is made once may come late.
    """
    known = [reading for reading in readings[_WARM_UP:] if reading is not None]
    third = len(known) // 3
    if third == 0:
        return 0.0
    grown = min(one(known[-third:]) - one(known[:third]) for one in (statistics.median, min))
    return grown / (len(known) - third)


def roughly(size: float) -> str:
    """A size in two digits: more would be others when the same code runs again."""
    return f"{float(f'{size:.2g}'):,.0f}"

"""Memory is released: what was taken for something is given back when it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import Trace
from grader.properties.base import Evidence, Finding, Property
from grader.properties.memory import growth, readings, roughly

_ROUNDS = "many rounds"


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryReleased(Property):
    """In rounds in which something begins and ends, memory rises and falls again.

    The drive observes ``empty`` before the first round and after every one, and ``full`` at the height of each. Two
    things are judged: over the rounds, memory when empty does not grow; and in the last round, which should be by far
    the largest, it falls by at least ``share`` of what it rose by, as the submission itself stores things. Libraries
    take working memory once for sizes they have not met: the drive lets them meet those of the last round before.

    Attributes:
        full, empty: the observations that mark the moments.
        unit: what passes between two moments of a name, in a word for messages.
        rounds: makes the run of a case, or ``None`` where there is none.
        share: how much of the rise must be given back; the rest may be room for what comes next.
        allowed: bytes that may be kept of every round, or of the last one, whatever the rise.
    """

    full: str
    empty: str
    unit: str
    rounds: Callable[[Case], Case | None]
    share: float = 0.5
    allowed: int = 1_500
    devices: tuple[str, ...] = ()

    shrinks: ClassVar[bool] = False
    law: ClassVar[str] = "memory is given back"

    @property
    def looks_at(self) -> tuple[str, ...]:
        return (self.full, self.empty)

    def variants(self, case: Case) -> Mapping[str, Case]:
        if (run := self.rounds(case)) is None:
            return {}
        run = run.with_options(measure="heap")
        return {_ROUNDS: run} | {f"{_ROUNDS}, on {device}": run.on(device=device) for device in self.devices}

    def compare(self, evidence: Evidence) -> Finding | None:
        for label, trace in evidence.traces.items():
            reference = evidence.reference[label] if evidence.reference is not None else Trace()
            for name in (self.full, self.empty):
                seen, expected = len(trace.named(name)), len(reference.named(name))
                if seen < expected:
                    return Finding(
                        message=f"Whether memory is given back can't be told: {seen} of {expected} moments were seen.",
                        expected=f"{expected} moments",
                        got=f"{seen} moments",
                        where=f"after each {self.unit}",
                        labels=(label,),
                    )
            for kind, what in (("heap", "bytes of memory"), ("device", "bytes on the device")):
                full, empty = readings(trace, self.full, kind), readings(trace, self.empty, kind)
                finding = self._judge(full, empty, readings(reference, self.empty, kind), what, label)
                if finding is not None:
                    return finding
        return None

    def _judge(
        self, full: list[int | None], empty: list[int | None], reference: list[int | None], what: str, label: str
    ) -> Finding | None:
        kept = growth(empty)
        if kept - max(growth(reference), 0.0) > self.allowed:
            return Finding(
                message=f"Every {self.unit} leaves about {roughly(kept)} {what} behind when it is over.",
                expected="nothing left behind",
                got=f"+{roughly(kept)} {what} a {self.unit}",
                where=f"after each {self.unit}",
                labels=(label,),
            )
        if not full or len(empty) < 2 or full[-1] is None or empty[-2] is None or empty[-1] is None:
            return None
        rise, fall = full[-1] - empty[-2], full[-1] - empty[-1]
        back = roughly(max(fall, 0))
        if rise - fall > self.allowed and fall < self.share * rise:
            return Finding(
                message=f"A large {self.unit} took about {roughly(rise)} {what}, and its end gave {back} of them back.",
                expected=f"at least {self.share:.0%} given back",
                got=f"{back} of {roughly(rise)} {what}",
                where=f"after the last {self.unit}",
                labels=(label,),
            )
        return None

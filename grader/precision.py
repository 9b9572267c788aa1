"""Who never thought of another dtype than the default one made one mistake: it costs the law of dtypes, and no other.

Most cases are in double precision, where a default dtype raises or rounds in nearly every one. Where a law that tries
dtypes is broken, what fails in double precision is judged by the same cases in single precision instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.cases import Case
from grader.execution.traces import Trace
from grader.judging import MOST_RAISING, Judge, Verdict
from grader.properties.base import Finding, Property

TryLaw = Callable[[Property, Case], tuple[Finding | None, Mapping[str, Trace]]]
_CASES = 4  # on which a law of dtypes is tried besides its own


def law_lost_to_dtypes(judge: Judge) -> Property | None:
    """The law of dtypes that is lost, if one is."""
    of_dtypes = (law for law in judge.plan.properties if law.of_dtypes)
    return next((law for law in of_dtypes if law.name in judge.lost or judge.held_against(law)), None)


def try_in_single_precision(judge: Judge, try_law: TryLaw, *, alone: TryLaw) -> None:
    """Judges again in single precision what may fail for its dtype alone.

    Args:
        judge: who has seen all of a plan.
        try_law: judges a law on a case, and gives the traces of its runs besides.
        alone: does so with runs that no others were made before; by these, too, the law of dtypes must be broken.
    """
    of_dtypes = next((law for law in judge.plan.properties if law.of_dtypes), None)
    if of_dtypes is None or all(each.finding is None for each in judge.verdicts):
        return
    if of_dtypes.name not in judge.lost:
        told = _that_tells(judge) or _tried_besides(judge, of_dtypes, alone)
        if told is None or not _tells_of_dtypes(alone(of_dtypes, told.task.case)[0]):
            return
    for law in judge.plan.properties:
        verdicts = [] if law.of_dtypes else judge.of(law)
        raising = 0
        for verdict in (each for each in verdicts if each.finding is not None):
            finding = _in_single_precision(judge, verdict, try_law) if _is_double(verdict) else verdict.finding
            if finding is not None:
                raising += finding.raised
                if law.needs_reference or not finding.raised or raising > MOST_RAISING * len(verdicts):
                    break  # it is lost in any precision, and this tells why


def _in_single_precision(judge: Judge, verdict: Verdict, try_law: TryLaw) -> Finding | None:
    """What a law finds on a case in single precision, which counts from now on, where it says anything."""
    law, single = verdict.task.law, verdict.task.case.on(dtype="float32")
    runs = {label: variant.key for label, variant in law.wanted(single).items()}
    finding, traces = try_law(law, single) if runs else (verdict.finding, {})
    if runs and not (finding is not None and finding.did_not_end):
        other = Verdict(task=replace(verdict.task, case=single, runs=runs), finding=finding)
        judge.judge_instead(verdict, other, traces)
    return finding


def _that_tells(judge: Judge) -> Verdict | None:
    """The first verdict of a law of dtypes that tells of them, if there is one."""
    return next((each for each in judge.verdicts if each.task.law.of_dtypes and _tells_of_dtypes(each.finding)), None)


def _tells_of_dtypes(finding: Finding | None) -> bool:
    """Whether it is another dtype, and no other device, that a finding tells of; nor that a run did not end."""
    return finding is not None and finding.labels[0].startswith("in ") and not finding.did_not_end


def _tried_besides(judge: Judge, law: Property, try_law: TryLaw) -> Verdict | None:
    """Tries a law of dtypes where others fail in double precision only: its own cases may not be such that show it."""
    against = [judge.held_against(each) for each in judge.plan.properties]
    first = {each[0].task.case.key: each[0] for each in against if each and all(map(_is_double, each))}
    for verdict in list(first.values())[:_CASES]:
        finding, traces = try_law(law, verdict.task.case)
        if finding is not None:
            judge.judge_besides(law, verdict, finding, traces)
            return _that_tells(judge)
    return None


def _is_double(verdict: Verdict) -> bool:
    return verdict.task.case.dtype == "float64"

"""Who never thought of another dtype than the default one made one mistake: it costs the law of dtypes, and no other.

Most cases are in double precision, where a default dtype raises or rounds in nearly every one. Where a law that tries
dtypes is broken, what fails in double precision is judged by the same cases in single precision instead.
"""

from __future__ import annotations

from dataclasses import replace

from grader.execution.session import Session
from grader.execution.traces import Trace
from grader.judging import Judge, Verdict
from grader.properties.base import Property
from grader.workbench import Workbench, try_law

_CASES = 4  # on which a law of dtypes is tried besides its own


def law_lost_to_dtypes(judge: Judge) -> Property | None:
    """The law of dtypes that is lost, if one is."""
    of_dtypes = (law for law in judge.plan.properties if law.of_dtypes)
    return next((law for law in of_dtypes if law.name in judge.lost or judge.held_against(law)), None)


def try_in_single_precision(bench: Workbench, session: Session, judge: Judge) -> None:
    """Judges again in single precision what may fail for its dtype alone."""
    of_dtypes = next((law for law in judge.plan.properties if law.of_dtypes), None)
    if of_dtypes is None or all(each.finding is None for each in judge.verdicts):
        return
    came: dict[str, Trace] = {}
    if not _dtypes_are_told(judge):
        _try_besides(bench, session, judge, of_dtypes, came)
    for verdict in failing_by_dtype(judge):
        task, single = verdict.task, verdict.task.case.on(dtype="float32")
        runs = {label: variant.key for label, variant in task.law.wanted(single).items()}
        if runs:
            finding = try_law(bench, session, task.law, single, came)
            judge.judge_instead(verdict, Verdict(task=replace(task, case=single, runs=runs), finding=finding), came)
    if came and bench.reference is not None:
        bench.reference.close()


def failing_by_dtype(judge: Judge) -> list[Verdict]:
    """What fails in double precision, where a law of dtypes fails; not what that says itself."""
    if not _dtypes_are_told(judge):
        return []
    verdicts = [verdict for law in judge.plan.properties if not law.of_dtypes for verdict in judge.of(law)]
    return [each for each in verdicts if each.finding is not None and _is_double(each)]


def _dtypes_are_told(judge: Judge) -> bool:
    """Whether a law of dtypes is lost, or fails in any case, as it may for another reason."""
    fails = any(each.finding is not None and each.task.law.of_dtypes for each in judge.verdicts)
    return fails or law_lost_to_dtypes(judge) is not None


def _try_besides(bench: Workbench, session: Session, judge: Judge, law: Property, came: dict[str, Trace]) -> None:
    """Tries a law of dtypes where others fail in double precision only: its own cases may not be such that show it."""
    against = [judge.held_against(each) for each in judge.plan.properties]
    first = {each[0].task.case.key: each[0] for each in against if each and all(map(_is_double, each))}
    for verdict in list(first.values())[:_CASES]:
        finding = try_law(bench, session, law, verdict.task.case, came)
        if finding is not None:
            judge.judge_besides(law, verdict, finding, came)
            return


def _is_double(verdict: Verdict) -> bool:
    return verdict.task.case.dtype == "float64"

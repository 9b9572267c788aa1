"""Time of submissions: what hangs is ended cheaply and told which limit it was; what is slow loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader import cli
from grader.cases import Case
from grader.course import Course
from grader.execution.budget import Budget
from grader.execution.bundles import Bundle
from grader.execution.cache import Cache
from grader.execution.limits import Limits
from grader.execution.servers import ForkServer
from grader.execution.session import Session
from grader.grading import Grader, Options
from grader.judging import Judge
from grader.properties.base import Finding
from grader.report import SubmissionResult
from grader.submission import read_submission
from grader.workbench import Workbench
from tests.conftest import GradeSource
from tests.sources import init_hidden, messages, too_long

HANGS = init_hidden("time.sleep(900)")
# only the run that measures memory is so large
HANGS_ONCE = init_hidden("batch_size >= 64 and time.sleep(900)")
PLACE = "hw.py, line 4, in init_hidden"
DEATHS = "This could not be tried (not run: 3 earlier runs ended the process or outlasted their limit)."
USED_UP = "the time for this {} was used up; the limit is {:g} s, by {} in course.toml or --{}"

Grade = Callable[..., SubmissionResult]


@pytest.fixture
def grade(tmp_path: Path, course: Course, server: ForkServer, cache: Cache) -> Grade:
    """``grade(source, *names, **limits)``: the result of a source, without what a clock says."""

    def graded(source: str, *names: str, **limits: Any) -> SubmissionResult:
        path = tmp_path / "hw.py"
        path.write_text(source, encoding="utf-8")
        options = Options(max_examples=6, device="cpu", limits=replace(course.limits, **{"case_seconds": 1, **limits}))
        grader = Grader(course, options, server=server, cache=cache)
        result = grader.grade_submission(read_submission(path), names or ["init_hidden"])
        exercises = tuple(replace(each, seconds=0.0) for each in result.exercises)
        return replace(result, seconds=0.0, exercises=exercises)

    return graded


@pytest.fixture
def outlasted(monkeypatch: pytest.MonkeyPatch, server: ForkServer) -> list[str]:
    """Keys of the runs of submissions that took too long, one by one; none of them for torch's modules."""
    server.warm()
    keys: list[str] = []
    run = Session._run_in_worker

    def watched(self: Session, cases: list[Case], *others: Any) -> Any:
        for case, trace in zip(cases, run(self, cases, *others), strict=False):
            if trace.failure is not None and trace.failure.kind == "timeout":
                keys.append(case.key)
            yield trace

    monkeypatch.setattr(Session, "_run_in_worker", watched)
    return keys


def test_what_always_hangs_is_confirmed_by_one_run(grade: Grade, outlasted: list[str]) -> None:
    """Three runs that hang end the exercise; the first of them is run once more, and nothing else is."""
    (result,) = grade(HANGS).exercises
    assert (result.status, result.score) == ("failed", 0)
    assert messages(result) == [too_long(PLACE), DEATHS]
    assert len(outlasted) == 4
    assert outlasted[3] == outlasted[0]


def test_the_same_again_is_the_same_result(grade: Grade) -> None:
    """Where something hangs, too, a result is the same every time."""
    assert grade(HANGS_ONCE) == grade(HANGS_ONCE)


def test_whole_runs_are_repeated_without_what_hangs(
    grade: Grade, outlasted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A law that needs earlier calls to fail is still found out; what hangs beside it is run once more."""
    run_plan, runs = Grader.run_plan, list[int]()

    def counted(self: Grader, bench: Workbench, *arguments: Any) -> Any:
        runs.append(len(bench.plan.runs))
        return run_plan(self, bench, *arguments)

    monkeypatch.setattr(Grader, "run_plan", counted)
    later = "calls.append(0)\n    if len(calls) == 4: batch_size += 1\n    if batch_size >= 64: time.sleep(900)"
    (result,) = grade(init_hidden(later, before="calls = []")).exercises
    assert result.status == "failed"
    assert "unstable" not in {law.status for law in result.properties}
    assert messages(result)[-1] == too_long(PLACE.replace("4", "6"))
    assert outlasted[-1] == outlasted[0]
    assert len(outlasted) == len(set(outlasted)) + 1
    first, *again = runs
    assert len(again) == 2
    assert all(each < first for each in again)


def test_what_passed_before_the_time_was_used_up_keeps_its_points(grade: Grade) -> None:
    """All runs of an exercise share its time; what it cut off says so, and the rest counts."""
    (result,) = grade(HANGS_ONCE, case_seconds=600, exercise_seconds=12).exercises
    assert (result.status, result.score) == ("failed", 9)
    used_up = USED_UP.format("exercise", 12, "exercise_seconds", "exercise-seconds")
    assert messages(result) == [too_long(PLACE, limit=used_up)]


def test_exercises_share_the_time_of_their_submission(grade: Grade) -> None:
    """A submission that hangs everywhere takes its time once; each exercise says so of what was not run."""
    source = HANGS + "def detach_state(state): time.sleep(900)\n"
    result = grade(source, "init_hidden", "detach_state", submission_seconds=1.5)
    used_up = USED_UP.format("submission", 1.5, "submission_seconds", "submission-seconds")
    assert [exercise.score for exercise in result.exercises] == [0, 0]
    for exercise in result.exercises:
        assert messages(exercise)[-1] == f"This could not be tried (not run: {used_up})."


def test_what_can_not_be_tried_again_stays_broken(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    """A law that fails among other runs and not alone earns nothing where the time for whole runs is used up: code that
    keeps something between calls would only have to be slow."""
    run_plan, budgets = Grader.run_plan, list[Budget]()

    def unlucky(
        self: Grader, bench: Workbench, bundle: Bundle, budget: Budget, lost: Collection[str] = ()
    ) -> tuple[Judge, str]:
        if budgets:
            budget.spend(budget.left)
        judge, printed = run_plan(self, bench, bundle, budget, lost)
        if not budgets:
            judge.verdicts[0] = replace(judge.verdicts[0], finding=Finding(message="This was bad luck."))
        budgets.append(budget)
        return judge, printed

    monkeypatch.setattr(Grader, "run_plan", unlucky)
    (result,) = grade(init_hidden()).exercises
    assert (result.status, result.score) == ("failed", 7)
    assert len(budgets) == 2
    assert messages(result) == ["This was bad luck."]


def test_waiting_for_torch_is_not_held_against_anybody(tmp_path: Path, course: Course, cache: Cache) -> None:
    """Some operations on ``meta`` load hundreds of modules, which takes seconds: where that is too long, once more."""
    waits = "'torch._dynamo' in sys.modules or not next(rnn.parameters()).is_meta or time.sleep(900)"
    path = tmp_path / "hw.py"
    path.write_text(init_hidden(waits), encoding="utf-8")
    options = Options(max_examples=6, device="cpu", limits=replace(course.limits, case_seconds=1))
    with Grader(course, options, server=(fresh := ForkServer()), cache=cache) as grader:
        (result,) = grader.grade_submission(read_submission(path), ["init_hidden"]).exercises
        fresh.close()
    assert (result.status, result.score) == ("passed", 10), messages(result)


def test_the_courses_own_code_has_the_greater_limit() -> None:
    """Limits that are made tighter for submissions are not made tighter for the reference."""
    ours = Limits(case_seconds=1, memory_mb=512, submission_seconds=3).at_least(Limits(case_seconds=5, memory_mb=256))
    assert ours == Limits(case_seconds=5, memory_mb=512)


def test_options_go_before_the_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_folder: Path) -> None:
    """What is given on the command line is the limit, and is named where it was reached."""
    monkeypatch.setenv("GRADER_CACHE_DIR", str(cache_folder))
    (tmp_path / "hw.py").write_text(HANGS, encoding="utf-8")
    arguments = ["grade", str(tmp_path / "hw.py"), "--max-examples", "6", "--device", "cpu", "--case-seconds", "0.5"]
    result = CliRunner().invoke(cli.main, arguments, prog_name="grader")
    assert result.exit_code == 1, result.output
    said = " ".join(result.stdout.split())
    assert "took too long in one run; the limit is 0.5 s, by case_seconds in course.toml or --case-seconds." in said


def test_how_long_the_smallest_case_is_looked_for_is_an_option(
    course: Course, server: ForkServer, cache: Cache, grade_source: GradeSource
) -> None:
    """With no time the first case that failed is shown; with enough of it the number of tries alone decides."""

    def batch_size(seconds: float) -> int:
        options = Options(max_examples=12, device="cpu", shrink_seconds=seconds)
        grader = Grader(course, options, server=server, cache=cache)
        result = grade_source(init_hidden("batch_size = 1"), "init_hidden", grader=grader)
        assert result.properties[0].counterexample is not None
        return int(result.properties[0].counterexample.case["parts"]["batch_size"])

    assert batch_size(0.0) > batch_size(60.0) == 2

"""Measures the figures that README.md lists; prints tables and judges nothing.

    python benchmarks/run.py [marginal course reading pytest cold shrink memory protection detection] [--quick]

Needs no installation, only the packages that the grader itself needs, and pytest for `pytest`.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from common import (
    COMMAND,
    ROOT,
    Spread,
    checked,
    family,
    interleaved,
    label_of,
    memory_of,
    needs_accelerator,
    pytest_once,
    ratios,
    say,
    spread_over,
    submissions,
    table,
    timed,
)

from grader.cases import Case
from grader.course import Course, find_course
from grader.execution.limits import Limits
from grader.execution.servers import ForkServer, WorkerServer
from grader.execution.session import Session
from grader.execution.traces import PlainValue
from grader.grading import Grader, Options
from grader.report import ExerciseResult, best
from grader.submission import read_submission
from grader.workbench import Workbench, solution_bundle

MILLISECOND, MIB = 1e-3, 1 << 20
_READINGS = 50  # in a round

# Stands behind an exercise's drive.py: all runs in one go, observed by nobody, timed where they happen.
BARE = """

import json as _json
import time as _time

from grader.cases import Case as _Case

_drive_one = drive


def drive(submission, case, observe):
    runs = [_Case.from_json(_json.loads(text)) for text in case["runs"]]
    started = _time.perf_counter()
    for run in runs:
        try:
            _drive_one(submission, run, _observe_nothing)
        except Exception:
            pass  # where the reference is refused something (on meta), it is so in the graded run, too
    observe(seconds=_time.perf_counter() - started)


def _observe_nothing(**named):
    pass
"""

TORCH_LOADED = (
    "import atexit, sys; atexit.register(lambda: print('torch' in sys.modules)); "
    f"sys.path.insert(0, {str(ROOT)!r}); from grader.cli import main; main()"
)


def marginal(options: argparse.Namespace, course: Course) -> None:
    """One more submission, all properties, warm, against the bare runs in a worker of the same kind."""
    rows = []
    with Grader(course, Options(device="cpu")) as grader:
        for name in options.exercises:
            bench = grader.workbench(name)
            actions = {"grade": partial(_grade_once, grader, name), "bare": partial(_bare_runs, grader, bench)}
            interleaved(1, actions)
            seconds = interleaved(options.rounds, actions)
            grade, bare = (Spread.of(seconds[each]).shown(MILLISECOND, 0) for each in ("grade", "bare"))
            ratio = ratios(seconds["grade"], seconds["bare"]).shown()
            rows.append((name, len(bench.plan.cases), len(bench.plan.runs), grade, bare, ratio))
    headers = ("exercise", "cases", "runs", "grading, ms", "bare runs, ms", "ratio")
    table("One more submission against its bare runs: median [least, greatest]", headers, rows)


def _grade_once(grader: Grader, name: str) -> float:
    path = grader.course.root / "solutions" / name / "solution.py"
    return timed(lambda: grader.grade_submission(read_submission(path), [name]))


def _bare_runs(grader: Grader, bench: Workbench) -> float:
    """Seconds that the runs of a plan take in one worker, without starting it and without observing anything."""
    limits = dataclasses.replace(grader.course.limits, case_seconds=grader.course.limits.exercise_seconds)
    case = Case(parts={"runs": tuple(bench.plan.runs)})
    with Session(
        grader.server,
        bundle=solution_bundle(bench.exercise),
        drive=bench.exercise.drive + BARE,
        names=list(bench.exercise.declared.entry_points),
        limits=limits,
    ) as session:
        (trace,) = session.run([case])
    if trace.failure is not None:
        raise SystemExit(f"the bare runs of {bench.exercise.name} failed: {trace.failure}")
    (seconds,) = trace.named("seconds")
    assert isinstance(seconds, PlainValue)
    return float(seconds.value)


def whole_course(options: argparse.Namespace, course: Course) -> None:
    """One submission with every exercise, warm, and where its time goes: each exercise alone, and its bare runs."""
    with tempfile.TemporaryDirectory() as folder, Grader(course, Options(device="cpu")) as grader:
        for name in options.exercises:
            shutil.copy(course.root / "solutions" / name / "solution.py", Path(folder) / f"{name}.py")
        submission = read_submission(Path(folder))
        actions = {"all of them": lambda: timed(lambda: grader.grade_submission(submission, options.exercises))}
        for name in options.exercises:
            bench = grader.workbench(name)
            actions[name] = partial(_grade_once, grader, name)
            actions[f"bare {name}"] = partial(_bare_runs, grader, bench)
        interleaved(1, actions)
        seconds = interleaved(options.rounds, actions)
        rows = []
        for name in options.exercises:
            alone, bare = (Spread.of(seconds[each]).shown(MILLISECOND, 0) for each in (name, f"bare {name}"))
            rows.append((name, len(grader.workbench(name).plan.runs), alone, bare))
    table("Each exercise alone: median [least, greatest]", ("exercise", "runs", "grading, ms", "bare runs, ms"), rows)
    whole = Spread.of(seconds["all of them"]).shown()
    table("All of them, side by side: median [least, greatest]", ("exercises", "seconds"), [(len(rows), whole)])


def reading(options: argparse.Namespace, course: Course) -> None:
    """Submissions that are read in a second, one after another, apart and within bounds."""
    code = course.root / "solutions" / "init_hidden" / "solution.py"
    notebook = next(path for path in submissions("init_hidden", "right") if path.suffix == ".ipynb")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "work.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.write(code, code.name)
        paths = {"a small .py": code, "a notebook": notebook, "the .py in a .zip": archive}
        actions = {what: partial(_read_often, path) for what, path in paths.items()}
        interleaved(1, actions)
        seconds = interleaved(options.rounds, actions)
    rows = []
    for what in paths:
        each = [taken / _READINGS for taken in seconds[what]]
        rows.append((what, Spread.of(each).shown(MILLISECOND, 1), Spread.of(1 / one for one in each).shown(digits=0)))
    table("Reading a submission: median [least, greatest]", ("what", "ms", "in a second"), rows)


def _read_often(path: Path) -> float:
    return timed(lambda: [read_submission(path) for _ in range(_READINGS)])


def pytest(options: argparse.Namespace, course: Course) -> None:
    """The same submission judged by a pytest + Hypothesis file, in a process of its own, and by a warm grader."""
    rows = []
    with Grader(course, Options(device="cpu")) as grader:
        for name in ("init_hidden", "run_batch"):
            if name not in options.exercises:
                continue
            grader.workbench(name)
            actions = {"grade": partial(_grade_once, grader, name), "pytest": partial(pytest_once, name)}
            interleaved(1, actions)
            seconds = interleaved(options.rounds, actions)
            theirs, ours = Spread.of(seconds["pytest"]).shown(), Spread.of(seconds["grade"]).shown(digits=3)
            rows.append((name, theirs, ours, ratios(seconds["pytest"], seconds["grade"]).shown(digits=0)))
    headers = ("exercise", "python -m pytest, s", "one more submission, s", "times faster")
    table("The same cases as a pytest + Hypothesis file: median [least, greatest]", headers, rows)


def cold(options: argparse.Namespace, course: Course) -> None:
    """A whole `grader grade` with the reference cached, against what importing torch costs alone."""
    path = course.root / "solutions" / "init_hidden" / "solution.py"
    grade = [*COMMAND, "grade", str(path), "--exercise", "init_hidden", "--device", "cpu"]
    torch = [sys.executable, "-c", "import torch"]
    actions = {"grade": lambda: timed(lambda: checked(grade)), "torch": lambda: timed(lambda: checked(torch))}
    interleaved(1, actions)  # compiled files, the page cache, and the reference's traces
    seconds = interleaved(options.rounds, actions)
    grader, alone = (Spread.of(seconds[each]).shown() for each in ("grade", "torch"))
    row = (grader, alone, ratios(seconds["grade"], seconds["torch"]).shown())
    table("Cold start: median [least, greatest]", ("grader grade, s", "import torch, s", "ratio"), [row])


def shrink(options: argparse.Namespace, course: Course) -> None:
    """From the verdict on a failing submission to its result: confirmed, shrunk, diagnosed."""
    rows, slow = [], []
    clock = _VerdictClock()
    with Grader(course, Options(device="cpu"), progress=clock.progress) as grader:
        for name in options.exercises:
            grader.mistakes(grader.workbench(name))  # known once, for all submissions
            took: dict[Path, float] = {}
            shown = 0
            for path in spread_over(submissions(name, "wrong"), 3 if options.quick else None):
                say(f"{name}: {path.name}")
                result = clock.grade(grader, path, name)
                if result.status == "failed" and clock.verdict is not None:
                    took[path] = clock.seconds
                    shown += any(law.counterexample is not None for law in result.properties)
            spread = Spread.of(took.values())
            within = sum(seconds <= 2.0 for seconds in took.values())
            rows.append((name, len(took), shown, spread.shown(), f"{within} of {len(took)}"))
            slow += [(f"{name}/{path.name}", f"{seconds:.2f}") for path, seconds in took.items() if seconds > 2.0]
    headers = ("exercise", "failing", "with a counterexample", "seconds", "within 2 s")
    table("From the verdict to the shrunk counterexample: median [least, greatest]", headers, rows)
    if slow:
        table("Those that took longer than 2 s", ("submission", "seconds"), slow)


class _VerdictClock:
    """Reads the time of the verdict off the grader's progress: what it does next after running the plan."""

    def __init__(self) -> None:
        self.running = False
        self.verdict: float | None = None
        self.seconds = 0.0

    def progress(self, text: str) -> None:
        if self.running and self.verdict is None:
            self.verdict = time.perf_counter()
        self.running = self.running or ": running " in text

    def grade(self, grader: Grader, path: Path, name: str) -> ExerciseResult:
        self.running, self.verdict = False, None
        result = grader.grade_submission(read_submission(path), [name]).exercises[0]
        if self.verdict is not None:
            self.seconds = time.perf_counter() - self.verdict
        return result


def memory(options: argparse.Namespace, course: Course) -> None:
    """Memory of grader, fork server and workers together, while right and wrong submissions are graded."""
    if sys.platform != "linux":
        print("memory: needs /proc/PID/smaps_rollup, which only Linux has")
        return
    paths = [course.root / "solutions" / name / "solution.py" for name in options.exercises]
    for name in options.exercises:
        paths += spread_over(submissions(name, "wrong"), 1 if options.quick else 4)
    with tempfile.TemporaryDirectory() as folder:
        report = str(Path(folder) / "report.txt")
        command = [sys.executable, "-c", TORCH_LOADED, "grade", *map(str, paths), "--output", report]
        process = subprocess.Popen([*command, "--device", "cpu"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        samples: list[dict[str, tuple[int, int]]] = []
        watcher = threading.Thread(target=_watch, args=(process, samples))
        watcher.start()
        try:
            output = process.communicate()[0]
        finally:
            process.kill()  # where this script was interrupted; its fork server and workers end with it
            watcher.join()
    if process.returncode not in (0, 1):
        raise SystemExit(f"grading ended with exit code {process.returncode}")
    rows = []
    for role in ("grader", "fork server", "workers", "together"):
        both = [sample.get(role, (0, 0)) for sample in samples]
        pss, rss = Spread.of(one for one, _ in both), max(rss for _, rss in both)
        rows.append((role, pss.shown(MIB, 0), f"{rss / MIB:.0f}"))
    headers = ("process", "PSS, MiB", "greatest RSS, MiB (shared pages counted in each)")
    table(f"Memory while {len(paths)} submissions are graded, {len(samples)} samples", headers, rows)
    print(f"\n  torch in the grader's sys.modules: {output.split()[-1]}")


def _watch(process: subprocess.Popen[str], samples: list[dict[str, tuple[int, int]]]) -> None:
    while process.poll() is None:
        total: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for pid, role in family(process.pid, "grader", "fork server", "workers").items():
            pss, rss = memory_of(pid)
            for name in (role, "together"):
                total[name] = (total[name][0] + pss, total[name][1] + rss)
        if total["together"][0]:
            samples.append(dict(total))
        time.sleep(0.02)


def detection(options: argparse.Namespace, course: Course) -> None:
    """The whole corpus with several seeds: right ones full marks, wrong ones below, diagnosed as what they are."""
    counts: dict[str, dict[str, int]] = {name: defaultdict(int) for name in options.exercises}
    exceptions: list[tuple[int, str, str]] = []
    left_out: set[str] = set()
    for number in range(options.seeds):
        seed = course.seed + number
        with Grader(course, Options(seed=seed, device="cpu")) as grader:
            for name in options.exercises:
                for kind in ("right", "wrong"):
                    for path in spread_over(submissions(name, kind), 3 if options.quick else None):
                        if needs_accelerator(path):
                            left_out.add(f"{name}/{kind}/{path.name}")
                            continue
                        say(f"seed {seed}: {name}/{kind}/{path.name}")
                        result = grader.grade_submission(read_submission(path), [name]).exercises[0]
                        trouble = _trouble(result, kind, label_of(path), counts[name])
                        if trouble:
                            exceptions.append((seed, f"{name}/{kind}/{path.name}", trouble))
    rows = []
    for name in options.exercises:
        count = counts[name]
        share = f"{100 * count['diagnosed'] / count['labelled']:.1f}%" if count["labelled"] else "-"
        right, wrong = f"{count['full marks']} of {count['right']}", f"{count['caught']} of {count['wrong']}"
        rows.append((name, right, wrong, f"{count['diagnosed']} of {count['labelled']}", share))
    headers = ("exercise", "right: full marks", "wrong: below", "diagnosed, where labelled", "share")
    table(f"Detection on tests/submissions, {options.seeds} seeds from {course.seed}", headers, rows)
    if exceptions:
        table("Exceptions", ("seed", "submission", "what came"), exceptions)
    if left_out:
        table("Left out: wrong on an accelerator only", ("submission",), [(each,) for each in sorted(left_out)])


def _trouble(result: ExerciseResult, kind: str, label: str | None, count: dict[str, int]) -> str:
    """Counts one result; returns what is not as it should be, or an empty text."""
    count[kind] += 1
    full = result.status == "passed" and result.score == result.max_score
    if kind == "right":
        count["full marks"] += full
        broken = "; ".join(f"{law.name}: {law.message}" for law in result.properties if law.status != "passed")
        return "" if full else f"{result.status}, {result.score} of {result.max_score}: {result.message or broken}"
    caught = result.score < result.max_score
    count["caught"] += caught
    if not caught:
        return f"{result.status} with full marks"
    if label is None:
        return ""
    named = [each.misconception for each in best(result.diagnosis)]
    count["labelled"] += 1
    count["diagnosed"] += label in named
    return "" if label in named else f"is {label}, named {', '.join(named) or 'nothing'}"


def protection(options: argparse.Namespace, course: Course) -> None:
    """A worker from its start to its end, with all that protects from submissions, and without."""
    without = ("bubblewrap", "control group", "another user", "Landlock", "seccomp")
    rows = []
    with Grader(course, Options(device="cpu")) as grader, closing(ForkServer(without=without)) as bare:
        bench = grader.workbench("init_hidden")
        actions = {
            "protected": partial(_one_worker, grader.server, bench),
            "bare": partial(_one_worker, bare, bench),
        }
        interleaved(10, actions)
        seconds = interleaved(20 * options.rounds, actions)
        shown = [Spread.of(seconds[each]).shown(MILLISECOND, 1) for each in ("protected", "bare")]
        difference = [one - other for one, other in zip(seconds["protected"], seconds["bare"], strict=True)]
        rows.append((*shown, Spread.of(difference).shown(MILLISECOND, 1), ratios(*seconds.values()).shown()))
        print(f"By: {', '.join(grader.server.means)}")
    headers = ("protected, ms", "bare, ms", "difference, ms", "ratio")
    table("A worker that loads the reference of init_hidden and ends: median [least, greatest]", headers, rows)


def _one_worker(server: WorkerServer, bench: Workbench) -> float:
    def load() -> None:
        bundle, exercise = solution_bundle(bench.exercise), bench.exercise
        with Session(server, bundle=bundle, drive=exercise.drive, names=["init_hidden"], limits=Limits()) as session:
            session.load()

    return timed(load)


FIGURES: dict[str, Callable[[argparse.Namespace, Course], None]] = {
    "marginal": marginal,
    "course": whole_course,
    "reading": reading,
    "pytest": pytest,
    "cold": cold,
    "shrink": shrink,
    "memory": memory,
    "protection": protection,
    "detection": detection,
}


def main() -> None:
    """Reads the command line and measures what it names."""
    course = find_course(ROOT)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"{', '.join(FIGURES)} [default: all]")
    parser.add_argument("--exercise", action="append", choices=course.names, help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, help="rounds of marginal, pytest and cold [default: 9, quick: 2]")
    parser.add_argument("--seeds", type=int, help="seeds of detection [default: 3, quick: 1]")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it works")
    options = parser.parse_args()
    if unknown := set(options.figures) - set(FIGURES):
        parser.error(f"no such figure: {', '.join(sorted(unknown))} (there are {', '.join(FIGURES)})")
    options.exercises = options.exercise or list(course.names)
    options.rounds = options.rounds or (2 if options.quick else 9)
    options.seeds = options.seeds or (1 if options.quick else 3)
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    for name in options.figures or FIGURES:
        FIGURES[name](options, course)


if __name__ == "__main__":
    main()

"""Measures `grader cohort`; prints tables and judges nothing. README.md says what each figure means.

python benchmarks/cohort.py others --environments DIR      # against nbgrader, otter-grader and pytest
python benchmarks/cohort.py workers                        # two workers against one
python benchmarks/cohort.py size --count 1000 --output DIR # one large cohort: time, memory
python benchmarks/cohort.py killed --count 1000 --output DIR # killed twice on the way, and once more in one go
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import venv
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path

from cohorts import make_cohort
from common import (
    COMMAND,
    ROOT,
    Spread,
    checked,
    cpu_seconds,
    family,
    interleaved,
    memory_of,
    pytest_once,
    ratios,
    say,
    table,
    timed,
)

from grader.course import find_course
from grader.execution.cache import Cache
from grader.planning import draw_cases

MIB = 1 << 20
SHORT = ("init_hidden", "predict_shapes", "unroll", "detach_state", "run_batch")
CHECKS = ROOT / "benchmarks" / "as_notebooks" / "checks.py"
_SAMPLE_SECONDS = 2.0
_OURS, _NBGRADER, _OTTER, _PYTEST = "grader cohort", "nbgrader autograde", "otter run", "python -m pytest"


@dataclass(kw_only=True)
class Run:
    """One `grader cohort` as a process, watched from outside.

    Attributes:
        samples: seconds, gradings in the gradebook, and PSS in bytes by role.
        cpu_seconds: of all its processes, up to the last sample.
    """

    folder: Path
    book: Path
    cache: Path
    more: Sequence[str] = ()
    samples: list[tuple[float, int, dict[str, int]]] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    told: str = ""

    def finish(self, kill_at: int | None = None) -> bool:
        """Runs it to its end, or until so many gradings are there, when it is killed; whether it came to its end."""
        command = [*COMMAND, "cohort", str(self.folder), "--gradebook", str(self.book), "--device", "cpu", *self.more]
        started = time.perf_counter()
        environment = os.environ | {"GRADER_CACHE_DIR": str(self.cache)}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            watcher = threading.Thread(target=self._watch, args=(process, started, kill_at))
            watcher.start()
            try:
                self.told = process.communicate()[0]
            finally:
                process.kill()  # where this script was interrupted
                watcher.join()
        self.seconds = time.perf_counter() - started
        if process.returncode not in (0, 1, -signal.SIGKILL):
            raise SystemExit(f"grading ended with exit code {process.returncode}:\n{self.told}")
        return process.returncode >= 0

    def _watch(self, process: subprocess.Popen[str], started: float, kill_at: int | None) -> None:
        while process.poll() is None:
            done = gradings(self.book)
            if kill_at is not None and done >= kill_at:
                process.kill()
                return
            sizes: Counter[str] = Counter()
            there = family(process.pid, "main", "stations", "fork servers and workers")
            for pid, role in there.items():
                sizes[role] += memory_of(pid)[0]
            self.cpu_seconds = max(self.cpu_seconds, sum(map(cpu_seconds, there)))
            self.samples.append((time.perf_counter() - started, done, {**sizes, "together": sizes.total()}))
            say(f"{done} gradings after {time.perf_counter() - started:.0f} s")
            time.sleep(_SAMPLE_SECONDS)

    def write_samples(self, path: Path) -> None:
        """As CSV."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            roles = list(self.samples[-1][2])
            writer.writerow(["seconds", "gradings", *(f"{role}, MiB" for role in roles)])
            for seconds, done, sizes in self.samples:
                writer.writerow([f"{seconds:.1f}", done, *(f"{sizes.get(role, 0) / MIB:.0f}" for role in roles)])


def gradings(book: Path) -> int:
    """How many there are by now."""
    try:
        with sqlite3.connect(f"file:{book}?mode=ro", uri=True) as opened:
            return int(opened.execute("SELECT count(*) FROM grading").fetchone()[0])
    except sqlite3.Error:  # not yet begun
        return 0


def others(options: argparse.Namespace, output: Path) -> None:
    """The same exercise and cases through nbgrader, otter-grader and pytest, each as its documentation says."""
    actions: dict[str, Callable[[], float]] = {_PYTEST: partial(pytest_once, "init_hidden")}
    if options.environments:
        actions |= {
            _NBGRADER: _nbgrader(output, _environment(options.environments, "nbgrader"), options.each),
            _OTTER: _otter(output, _environment(options.environments, "otter-grader"), options.each),
        }
    for workers in (1, 2):
        actions[f"{_OURS}, {workers} at a time"] = partial(_ours, output, options.count, workers)
    interleaved(1, actions)
    seconds = interleaved(options.rounds, actions)
    *_, one, two = seconds
    rows = [
        (name, Spread.of(came).shown(digits=3), *(ratios(came, seconds[ours]).shown(digits=0) for ours in (one, two)))
        for name, came in seconds.items()
    ]
    headers = ("grader", "seconds a submission", "over ours, 1 at a time", "over ours, 2 at a time")
    table(f"init_hidden with 50 cases, a cohort of {options.count}: median [least, greatest]", headers, rows)


def _ours(output: Path, count: int, workers: int) -> float:
    """Seconds a submission of a cohort, with all that the command does from its start to its end."""
    with tempfile.TemporaryDirectory(dir=output) as folder:
        solution = (ROOT / "solutions" / "init_hidden" / "solution.py").read_text(encoding="utf-8")
        for number in range(count):
            path = Path(folder) / "all" / f"s{number:03}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{solution}\n# {number}\n", encoding="utf-8")
        more = ("--exercise", "init_hidden", "--workers", str(workers))
        run = Run(folder=path.parent, book=Path(folder) / "book", cache=output / "cache", more=more)
        run.finish()
        _expect(f"{count} students, {count} marks" in run.told and f"all  {count:>5}" in run.told, run.told)
        return run.seconds / count


def _environment(folder: Path, package: str) -> Path:
    """The programs of a virtual environment with a package and this Python's torch; made where there is none."""
    home = folder / package.removesuffix("-grader")
    programs = home / "bin"
    if not (programs / package.removesuffix("-grader")).exists():
        say(f"installing {package}")
        venv.create(home, with_pip=True)
        checked([programs / "pip", "install", "-q", f"torch=={version('torch')}", package])
    return programs


def _in(programs: Path, home: Path, *command: str) -> None:
    """Runs a program of a virtual environment in a folder, as if the environment were activated."""
    path = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    checked([programs / command[0], *command[1:]], os.environ | path, home)


def _cases(folder: Path) -> None:
    """Writes the exercise's own cases, drawn with its own seed."""
    course = find_course(ROOT)
    exercise = course.exercise("init_hidden")
    with tempfile.TemporaryDirectory() as spare:
        cases = draw_cases(exercise, seed=course.seed, max_examples=50, cache=Cache(Path(spare)), salt="")
    (folder / "cases.json").write_text(json.dumps([each.to_json()["parts"] for each in cases]), encoding="utf-8")


def _check_names() -> list[str]:
    text = CHECKS.read_text(encoding="utf-8")
    return [line.strip(" ,") for line in text.partition("CHECKS = (")[2].splitlines() if line.startswith("    ")]


def _notebook(*cells: tuple[str, dict[str, object]]) -> str:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": metadata,
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for i, (source, metadata) in enumerate(cells)
    ]
    return json.dumps({"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def _nbgrader(output: Path, programs: Path, each: int) -> Callable[[], float]:
    """A course of nbgrader: source, release, so many submissions; what grades them all, in seconds a submission."""
    home = output / "nbgrader"
    shutil.rmtree(home, ignore_errors=True)
    source = home / "source" / "init_hidden"
    source.mkdir(parents=True)
    (home / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'course'\n")
    _cases(source)
    solution = (ROOT / "solutions" / "init_hidden" / "solution.py").read_text(encoding="utf-8")

    def cell(name: str, **what: object) -> dict[str, object]:
        kinds = {"grade": False, "solution": False, "locked": False, "task": False}
        return {"nbgrader": {"schema_version": 3, "grade_id": name, **kinds, **what}}

    cells = [
        (f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION", cell("answer", solution=True)),
        (CHECKS.read_text(encoding="utf-8"), cell("checks", locked=True)),
        *(
            (
                f"### BEGIN HIDDEN TESTS\n{name}(init_hidden)\n### END HIDDEN TESTS",
                cell(name, grade=True, locked=True, points=1),
            )
            for name in _check_names()
        ),
    ]
    (source / "init_hidden.ipynb").write_text(_notebook(*cells), encoding="utf-8")
    _in(programs, home, "nbgrader", "generate_assignment", "init_hidden")
    released = json.loads((home / "release" / "init_hidden" / "init_hidden.ipynb").read_text(encoding="utf-8"))
    for number in range(each):
        submitted = home / "submitted" / f"s{number:03}" / "init_hidden"
        submitted.mkdir(parents=True)
        released["cells"][0]["source"] = f"{solution}\n# {number}\n"
        (submitted / "init_hidden.ipynb").write_text(json.dumps(released), encoding="utf-8")
        shutil.copy(source / "cases.json", submitted)

    def grade() -> float:
        seconds = timed(lambda: _in(programs, home, "nbgrader", "autograde", "init_hidden", "--force"))
        _in(programs, home, "nbgrader", "export", "--to", "grades.csv")
        with (home / "grades.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        _expect([float(row["score"]) for row in rows] == [float(len(_check_names()))] * each, str(rows))
        return seconds / each

    return grade


def _otter(output: Path, programs: Path, each: int) -> Callable[[], float]:
    """An autograder of otter: its tests as files; what grades so many submissions, in seconds a submission."""
    home = output / "otter"
    shutil.rmtree(home, ignore_errors=True)
    (home / "tests").mkdir(parents=True)
    _cases(home)
    checks = CHECKS.read_text(encoding="utf-8")
    for name in _check_names():
        test = (
            f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {name!r}\npoints = 1\n\n{checks}\n\n"
            f"@test_case()\ndef test(init_hidden):\n    {name}(init_hidden)\n"
        )
        (home / "tests" / f"{name}.py").write_text(test, encoding="utf-8")
    generate = [
        "generate",
        "-t",
        "tests",
        "-o",
        "autograder.zip",
        "--no-requirements",
        "--no-environment",
        "cases.json",
    ]
    _in(programs, home, "otter", *generate)
    solution = (ROOT / "solutions" / "init_hidden" / "solution.py").read_text(encoding="utf-8")
    for number in range(each):
        (home / f"s{number:03}.ipynb").write_text(_notebook((f"{solution}\n# {number}\n", {})), encoding="utf-8")

    def grade() -> float:
        seconds = 0.0
        for number in range(each):
            run = ["run", f"s{number:03}.ipynb", "-a", "autograder.zip", "-o", f"out{number}", "--no-logo"]
            (home / f"out{number}").mkdir(exist_ok=True)
            seconds += timed(partial(_in, programs, home, "otter", *run))
            told = (home / f"out{number}" / "results.json").read_text(encoding="utf-8")
            _expect(json.loads(told)["tests"][0]["status"] == "passed", told)
        return seconds / each

    return grade


def _expect(right: bool, told: str) -> None:
    if not right:
        raise SystemExit(f"a right submission did not get full marks:\n{told}")


def workers(options: argparse.Namespace, output: Path) -> None:
    """Submissions a second with two workers over twice those with one; the cohort and the cache are the same."""
    make_cohort(output / "cohort", options.exercises, options.count)

    def grade(workers: int) -> float:
        with tempfile.TemporaryDirectory(dir=output) as folder:
            run = _run(options, output, Path(folder) / "book", workers)
            run.finish()
            busy[workers].append(run.cpu_seconds / run.seconds)
            return run.seconds

    busy: dict[int, list[float]] = {1: [], 2: []}
    interleaved(1, {"warm": partial(grade, 2)})
    busy[2].clear()
    seconds = interleaved(options.rounds, {"one": partial(grade, 1), "two": partial(grade, 2)})
    efficiency = Spread.of(one / two / 2 for one, two in zip(*seconds.values(), strict=True))
    rows = [
        (
            name,
            Spread.of(came).shown(digits=1),
            Spread.of(options.count / each for each in came).shown(),
            Spread.of(busy[workers]).shown(),
        )
        for workers, (name, came) in enumerate(seconds.items(), start=1)
    ]
    headers = ("workers", "seconds", "submissions a second", "processors busy")
    table(f"{options.count} submissions x {len(options.exercises)} exercises: median [least, greatest]", headers, rows)
    print(f"\n  efficiency of two over one: {efficiency.shown()}")


def _run(options: argparse.Namespace, output: Path, book: Path, workers: int, cache: str = "cache") -> Run:
    names = [each for name in options.exercises for each in ("--exercise", name)]
    more = (*names, "--workers", str(workers), *options.more)
    return Run(folder=output / "cohort", book=book, cache=output / cache, more=more)


def size(options: argparse.Namespace, output: Path) -> None:
    """One cohort, from nothing cached: time and memory."""
    make_cohort(output / "cohort", options.exercises, options.count, hostile=options.hostile, broken=options.broken)
    run = _run(options, output, output / "book.sqlite", options.workers)
    run.finish()
    run.write_samples(output / "samples.csv")
    (output / "told.txt").write_text(run.told, encoding="utf-8")
    print(f"\n{run.told}")
    rates = (f"{options.count / run.seconds:.2f}", f"{run.cpu_seconds / options.count:.2f}")
    headers = ("submissions", "exercises", "workers", "seconds", "submissions a second", "CPU seconds a submission")
    row = (options.count, len(options.exercises), options.workers, f"{run.seconds:.0f}", *rates)
    table("One cohort", headers, [row])
    rows = []
    parts = 5
    for part in range(parts):
        some = [each for each in run.samples if each[0] * parts // run.seconds == part]
        if some:
            sizes = [Spread.of(s.get(role, 0) for *_, s in some).shown(MIB, 0) for role in run.samples[-1][2]]
            rows.append((f"{some[0][0]:.0f} to {some[-1][0]:.0f}", some[-1][1], *sizes))
    headers = ("seconds", "gradings", *(f"{role}, MiB" for role in run.samples[-1][2]))
    table("Proportional set size: median [least, greatest] of the samples", headers, rows)


def killed(options: argparse.Namespace, output: Path) -> None:
    """A cohort killed at a third and at two thirds, and the same in one go with another cache: is all the same?"""
    make_cohort(output / "cohort", options.exercises, options.count, hostile=options.hostile, broken=options.broken)
    book, total = output / "killed.sqlite", options.count * len(options.exercises)
    for part in (1, 2):
        run = _run(options, output, book, options.workers)
        _expect(not run.finish(kill_at=total * part // 3), "it was not killed")
        print(f"killed after {run.seconds:.0f} s with {gradings(book)} gradings", flush=True)
    parts = {"killed twice": _run(options, output, book, options.workers)}
    parts["in one go"] = _run(options, output, output / "whole.sqlite", options.workers, "another cache")
    for name, run in parts.items():
        run.finish()
        print(f"{name}: {run.seconds:.0f} s\n{run.told}", flush=True)
    marks = [_marks(run.book) for run in parts.values()]
    without = [who for who, (score, most, reasons, _) in marks[0].items() if score < most and not any(reasons)]
    rows = [
        ("marks", len(marks[0]), total),
        ("marks below the most, without any reason", len(without), 0),
        ("marks that differ", _differing(*marks, slice(0, 2)), 0),
        ("reasons that differ", _differing(*marks, slice(2, 3)), 0),
        ("reports that differ, but for times", _differing(*marks, slice(3, 4)), "-"),
    ]
    table(f"{options.count} students, {options.hostile} hostile, {options.broken} broken", ("", "came", "aim"), rows)
    for who, one in marks[0].items():
        if marks[1].get(who, ())[:3] != one[:3]:
            print(who, one[:3], marks[1].get(who, ())[:3])


def _marks(book: Path) -> dict[tuple[str, str], tuple[object, ...]]:
    """By student and exercise: points, most points, messages, and the whole report without times."""
    query = (
        "SELECT student, current.exercise, coalesce(pooled.report, grading.report) FROM current "
        "JOIN grading USING (key) LEFT JOIN pooled USING (key)"
    )
    found = {}
    with sqlite3.connect(book) as opened:
        for student, exercise, text in opened.execute(query):
            report = json.loads(text) | {"seconds": 0}
            reasons = (report["message"], *(law["message"] for law in report["properties"]))
            found[student, exercise] = (report["score"], report["max_score"], reasons, report)
    return found


def _differing(
    ones: dict[tuple[str, str], tuple[object, ...]], others: dict[tuple[str, str], tuple[object, ...]], part: slice
) -> int:
    return sum(ones.get(who, ())[part] != others.get(who, ())[part] for who in ones.keys() | others.keys())


FIGURES = {"others": others, "workers": workers, "size": size, "killed": killed}
COUNTS = {"others": 50, "workers": 60, "size": 1000, "killed": 1000}


def main() -> None:
    """Reads the command line and measures what it names."""
    course = find_course(ROOT)
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Any other option is handed on to grader cohort.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("figure", choices=FIGURES)
    parser.add_argument("--count", type=int, help="submissions [default: 50, 60, 1000, 1000]")
    parser.add_argument("--exercise", action="append", dest="exercises", choices=course.names)
    parser.add_argument("--rounds", type=int, default=3, help="of others and workers [default: 3]")
    parser.add_argument("--each", type=int, default=3, help="submissions of nbgrader and otter a round [default: 3]")
    parser.add_argument("--workers", type=int, default=2, help="of size and killed [default: 2]")
    parser.add_argument("--hostile", type=int, default=0, help="submissions of size and killed [default: 0]")
    parser.add_argument("--broken", type=int, default=0, help="submissions of size and killed [default: 0]")
    parser.add_argument("--environments", type=Path, help="where nbgrader and otter are, or are to be installed")
    parser.add_argument("--output", type=Path, help="a folder for all of it [default: one that is removed]")
    options, options.more = parser.parse_known_args()
    options.exercises = options.exercises or list(SHORT)
    options.count = options.count or COUNTS[options.figure]
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as spare:
        output = (options.output or Path(spare)).resolve()
        output.mkdir(parents=True, exist_ok=True)
        FIGURES[options.figure](options, output)


if __name__ == "__main__":
    main()

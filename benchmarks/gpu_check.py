"""Grades the exercises on a GPU, to see that what holds on the CPU holds there; prints tables and judges nothing.

    python benchmarks/gpu_check.py [--quick] [--exercise NAME]

On a machine without CUDA it says so and exits with 0. `--device cpu` rehearses it without a GPU: every reading is
then the CPU's, twice.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time
from collections.abc import Sequence
from typing import Any

from common import ROOT, Spread, say, table, timed

from grader.cases import Case, RnnSpec, Windows
from grader.course import Course, find_course
from grader.errors import SubmissionProblem
from grader.execution.servers import WorkerServer, start_server
from grader.execution.traces import Trace
from grader.grading import Grader, Options
from grader.properties.memory import MemoryFlat
from grader.workbench import Workbench, misconception_bundle, solution_bundle

FLAT = 256  # bytes a moment; the least that CUDA hands out is 512


def main() -> None:
    """Reads the command line, looks for the device, and checks every exercise there."""
    course = find_course(ROOT)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", default="cuda", help="[default: cuda]")
    parser.add_argument("--exercise", action="append", choices=course.names, help="only this one; may be repeated")
    parser.add_argument("--quick", action="store_true", help="ten cases and three misconceptions an exercise")
    options = parser.parse_args()
    server = start_server()
    try:
        if options.device not in ("cpu", *server.devices):
            print(f"There is no {options.device} here (torch {server.torch_version}): nothing was checked.")
            return
        print(f"torch {server.torch_version}, {options.device}")
        check(options, course, server)
    finally:
        server.close()


def check(options: argparse.Namespace, course: Course, server: WorkerServer) -> None:
    """One table of verdicts, one of throughput, and what is not as it should be."""
    chosen = Options(device=options.device, max_examples=10 if options.quick else None)
    there = Grader(course, chosen, server=server)
    here = Grader(course, dataclasses.replace(chosen, device="cpu"), server=server)
    verdicts: list[Sequence[Any]] = []
    speeds: list[Sequence[Any]] = []
    trouble: list[Sequence[Any]] = []
    for name in options.exercise or course.names:
        verdicts.append(_verdicts(there, name, options, trouble))
        speeds += _speeds(here, there, name, options, trouble)
    headers = ("exercise", "reference", "runs there", "misconceptions caught")
    memory = ("bytes a step: reference", "those that leak", "grow there")
    table(f"Graded on {options.device}", headers + memory, verdicts)
    columns = ("exercise", "what", "cpu", options.device, "ratio")
    table(f"Throughput on {options.device} beside the CPU's, one process, one thread", columns, speeds)
    table("Not as it should be", ("exercise", "what", "came"), trouble or [("-", "-", "nothing")])


def _verdicts(grader: Grader, name: str, options: argparse.Namespace, trouble: list[Sequence[Any]]) -> Sequence[Any]:
    bench = grader.workbench(name)
    exercise = bench.exercise
    result = grader.grade_code(name, solution_bundle(exercise), path="solution.py", explain=False)
    for law in result.properties:
        if law.status != "passed":
            trouble.append((name, "the reference", f"{law.name}: {law.message}"))
    assert bench.reference is not None
    growth = _growth(bench, {key: bench.reference.trace(key, bench.plan.runs[key]) for key in _measured(bench)})
    if any(each > FLAT for each in growth.get(options.device, ())):
        trouble.append((name, "the reference", f"memory grows by {growth[options.device]} bytes a step"))
    tried = exercise.misconceptions[: 3 if options.quick else None]
    caught, leaking, growing = 0, 0, 0
    for misconception in tried:
        say(f"{name}: {misconception.name}")
        try:
            judge, _ = grader.run_plan(bench, misconception_bundle(exercise, misconception))
        except SubmissionProblem as problem:
            trouble.append((name, misconception.name, str(problem)))
            continue
        caught += bool(judge.failing())
        if not judge.failing():
            trouble.append((name, misconception.name, "not caught"))
        leaks = _growth(bench, judge.traces)
        if max(leaks.get("cpu", [0.0])) <= _allowed(bench):
            continue
        leaking += 1
        growing += max(leaks.get(options.device, [0.0])) > FLAT
        if max(leaks.get(options.device, [0.0])) <= FLAT:
            trouble.append((name, misconception.name, f"leaks on the CPU, flat on {options.device}: {leaks}"))
    there = sum(case.device == options.device for case in bench.plan.runs.values())
    flat = ", ".join(f"{each:.0f}" for each in growth.get(options.device, ())) or "-"
    marks = f"{result.score} of {result.max_score}"
    return (name, marks, there, f"{caught} of {len(tried)}", flat, leaking, growing)


def _measured(bench: Workbench) -> list[str]:
    """Keys of the runs on which memory is read at every step, on the CPU and on the device."""
    return [key for key, case in bench.plan.runs.items() if case.options.get("measure") == "heap"]


def _flatness(bench: Workbench) -> MemoryFlat | None:
    return next((law for law in bench.plan.properties if isinstance(law, MemoryFlat)), None)


def _allowed(bench: Workbench) -> float:
    law = _flatness(bench)
    return law.allowed if law is not None else float("inf")


def _growth(bench: Workbench, traces: dict[str, Trace]) -> dict[str, list[float]]:
    """Bytes a step that memory grows by, for every measured run, by device."""
    law = _flatness(bench)
    grown: dict[str, list[float]] = {}
    if law is None:
        return grown
    for key in _measured(bench):
        moments = [moment for moment in traces[key].moments if law.at in moment.values][3:]
        readings = [moment.heap if moment.device is None else moment.device for moment in moments]
        known = [reading for reading in readings if reading is not None]
        if third := len(known) // 3:
            ends = statistics.median(known[-third:]) - statistics.median(known[:third])
            grown.setdefault(bench.plan.runs[key].device, []).append(ends / (len(known) - third))
    return grown


def _speeds(
    here: Grader, there: Grader, name: str, options: argparse.Namespace, trouble: list[Sequence[Any]]
) -> list[Sequence[Any]]:
    """Whole submissions, the exercise's own small runs, and (where windows can be made large) large ones."""
    bench, far = here.workbench(name), there.workbench(name)
    rounds = 1 if options.quick else 3
    bundle = solution_bundle(bench.exercise)
    rows = []

    def graded(grader: Grader) -> list[float]:
        return [timed(lambda: grader.run_plan(grader.workbench(name), bundle)) for _ in range(rounds)]

    near_seconds, far_seconds = graded(here), graded(there)
    rows.append(_row(name, "one submission, s", near_seconds, far_seconds))
    work = {f"{len(bench.plan.cases)} small runs, s": list(bench.plan.cases)}
    if name == "train_truncated" and not options.quick:
        work["4 windows of 32 x 50 steps, 512 hidden, s"] = [_large(bench.plan.cases[0])]
    for what, cases in work.items():
        seconds = {}
        for grader, device in ((here, "cpu"), (there, options.device)):
            placed = [case.on(device=device) for case in cases]
            seconds[grader] = _seconds(grader, far if grader is there else bench, placed, rounds, trouble)
        rows.append(_row(name, what, seconds[here], seconds[there]))
    return rows


def _row(name: str, what: str, near: Sequence[float], far: Sequence[float]) -> Sequence[Any]:
    one, other = Spread.of(near), Spread.of(far)
    return (name, what, one.shown(digits=3), other.shown(digits=3), f"{other.median / one.median:.2f}")


def _seconds(
    grader: Grader, bench: Workbench, cases: list[Case], rounds: int, trouble: list[Sequence[Any]]
) -> list[float]:
    """Seconds of all runs in one worker that has run the first of them before (the device is awake then)."""
    seconds = []
    with grader.session(bench.exercise, solution_bundle(bench.exercise)) as session:
        list(session.run(cases[:1]))
        for _ in range(rounds):
            started = time.perf_counter()
            traces = list(session.run(cases))
            seconds.append(time.perf_counter() - started)
    failures = {f"on {case.device}: {t.failure}" for case, t in zip(cases, traces, strict=True) if t.failure}
    trouble += [(bench.exercise.name, "the reference, for throughput", failure) for failure in sorted(failures)]
    return seconds


def _large(case: Case) -> Case:
    """Windows for which an accelerator is made; measured, so that no tensor travels back."""
    rnn = RnnSpec(kind="LSTM", input_size=64, hidden_size=512, seed=1)
    windows = Windows(seeds=tuple(range(32)), lengths=(50,) * 4, features=64, targets=8)
    parts = {"rnn": rnn, "windows": windows, "iterable": "generator", "state": None, "momentum": 0.0}
    return case.with_parts(**parts).on(dtype="float32").with_options(measure="heap")


if __name__ == "__main__":
    main()

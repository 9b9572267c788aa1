"""What the benchmarks share: the course, submissions, interleaved rounds, medians and tables."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # these scripts run from a checkout, whether it is installed or not

SUBMISSIONS = ROOT / "tests" / "submissions"
COMMAND = [sys.executable, "-m", "grader"]  # run in ROOT

_LABEL = re.compile(r"# misconception: (\w+)")  # also within the JSON of a notebook


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and greatest of some readings."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, readings: Iterable[float]) -> Spread:
        known = list(readings)
        return cls(statistics.median(known), min(known), max(known))

    def shown(self, unit: float = 1.0, digits: int = 2) -> str:
        """As text, each number divided by ``unit``."""
        numbers = (f"{each / unit:.{digits}f}" for each in (self.median, self.least, self.greatest))
        return "{} [{}, {}]".format(*numbers)


def interleaved(rounds: int, actions: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Seconds of every action in every round: A B, A B, ... so that a busy machine is busy for all of them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for name, action in actions.items():
            seconds[name].append(action())
    return seconds


def ratios(above: Sequence[float], below: Sequence[float]) -> Spread:
    """The ratio round by round, then its spread."""
    return Spread.of(one / other for one, other in zip(above, below, strict=True))


def timed(action: Callable[[], object]) -> float:
    """Wall seconds that a call takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def checked(command: Sequence[str | Path], environment: Mapping[str, str] | None = None, folder: Path = ROOT) -> None:
    """Runs a command that must succeed."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        told = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{told}")


def pytest_once(name: str) -> float:
    """Seconds that the solution of an exercise takes as a pytest + Hypothesis file, in a process of its own."""
    file = ROOT / "benchmarks" / "as_pytest" / f"test_{name}.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(file)]
    environment = os.environ | {
        "SUBMISSION": str(ROOT / "solutions" / name / "solution.py"),
        "OMP_NUM_THREADS": "1",  # faster for so small a work, and what the grader's workers have
    }
    return timed(lambda: checked(command, environment))


def family(root: int, *names: str) -> dict[int, str]:
    """The process and what descends from it, each with the name of its generation, the last one's for all below."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        children[parent].append(int(folder.name))
    roles: dict[int, str] = {}
    generation = [root]
    for depth in range(len(children) + 1):
        roles |= dict.fromkeys(generation, names[min(depth, len(names) - 1)])
        generation = [child for pid in generation for child in children[pid]]
    return roles


def memory_of(pid: int) -> tuple[int, int]:
    """PSS and RSS in bytes; zeros for a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0, 0
    fields = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines[1:])}
    return int(fields["Pss"]) * 1024, int(fields["Rss"]) * 1024


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and of those it has waited for; 0 for one that has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def submissions(name: str, kind: str) -> list[Path]:
    """The submissions of an exercise in the project's own corpus; ``kind`` is ``right`` or ``wrong``."""
    folder = SUBMISSIONS / name / kind
    return sorted(each for each in folder.iterdir() if each.suffix in (".py", ".ipynb"))


def needs_accelerator(path: Path) -> bool:
    """Whether a wrong submission says that its mistake shows on an accelerator only."""
    return "# needs: an accelerator" in path.read_text(encoding="utf-8")


def label_of(path: Path) -> str | None:
    """The misconception that a wrong submission says it has, or ``None`` where there is none for it."""
    found = _LABEL.search(path.read_text(encoding="utf-8"))
    return found[1] if found and found[1] != "none" else None


def spread_over(items: Sequence[Path], most: int | None) -> list[Path]:
    """At most so many, evenly spread."""
    if most is None or len(items) <= most:
        return list(items)
    return [items[i * len(items) // most] for i in range(most)]


def table(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints a small table."""
    say("")
    cells = [[str(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headers))]
    print(f"\n{title}\n")
    for number, row in enumerate(cells):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    sys.stdout.flush()


def say(text: str) -> None:
    """Progress, on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text[:100]}")
        sys.stderr.flush()

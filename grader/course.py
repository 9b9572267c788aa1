"""A course: what is in ``exercises/`` and ``solutions/``, read without torch.

``exercises/course.toml`` names the exercises in order, with points and weights, seed, number of cases, limits, pass
mark and policy.
``exercises/NAME/exercise.py`` declares an ``Exercise``; ``drive.py`` beside it, the reference in
``solutions/NAME/solution.py`` and the misconceptions are only ever read as text here and run in workers.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import hashlib
import math
import os
import re
import sys
import tomllib
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.authored import checked
from grader.cases import Case
from grader.errors import UsageError
from grader.execution.limits import Limits
from grader.policy import Policy, read_policy

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from grader.properties.base import Property

GIVEN_FILES = ("README.md", "starter.py", "exercise.py", "drive.py")  # of an exercise, to students too
_OF_SOLUTIONS = ("solution.py", "misconceptions.py")
_OF_COURSES = ("title", "seed", "max_examples", "pass_mark", "exercise")
_OF_EXERCISES = ("name", "points", "weight")
_OF_A_DRIVE = ("submission", "case", "observe")
LEVELS = ("foundation", "intermediate", "advanced", "expert")


@dataclass(frozen=True, kw_only=True, slots=True)
class Exercise:
    """What ``exercise.py`` declares, as ``exercise = Exercise(...)``.

    Attributes:
        title: one line.
        level: one of ``foundation``, ``intermediate``, ``advanced``, ``expert``.
        entry_points: what a submission must define, by name, each with its signature as a person writes it.
        cases: strategy for cases.
        properties: the laws, with points.
        axes: for each observation name, the names of its axes (``step``, ``sequence``, ``layer``, ``feature``, ...),
            levels of lists included, matched from the right: with ``("sequence", "feature")``, an LSTM's pair of
            ``(B, H)`` has a level before them, which has no name.
        script: spells a case out as Python lines that end in the calls; the names ``torch`` and ``nn`` and the
            entry points are there.
        trivial: cases that prove nothing when they come out right (because doing nothing gets them right).
        rare: the sort of a case that few need be of, or ``None``; each such sort gets one case in ``PER_RARE_SORT``.
        heavy: whether runs use an optimizer, or recurrent modules on ``meta``: torch then loads hundreds of modules,
            which takes seconds, once.
        right_without_work: which of the ways to do nothing (see ``validation``) happen to be right.
    """

    title: str
    level: str
    entry_points: Mapping[str, str]
    cases: SearchStrategy[Case]
    properties: tuple[Property, ...]
    axes: Mapping[str, tuple[str, ...]]
    script: Callable[[Case], str]
    trivial: Callable[[Case], bool] = field(default=lambda case: False)
    rare: Callable[[Case], str | None] = field(default=lambda case: None)
    heavy: bool = False
    right_without_work: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Misconception:
    """A small wrong solution with a name; ``namespace`` is the class in ``misconceptions.py`` that holds it.

    A class derived from a misconception's is another way to make the same mistake: it has the same name and words.
    ``any_numbers`` where the wrong numbers themselves say nothing, because they are random.
    """

    name: str
    namespace: str
    title: str
    explanation: str
    hint: str
    any_numbers: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseExercise:
    """An exercise with all that belongs to it in the course.

    Attributes:
        name: the folder's name.
        points: what the exercise is worth in the course.
        declared: what ``exercise.py`` declares.
        drive, solution, misconceptions_source: texts; the last two are ``None`` in a course without solutions.
        misconceptions: what the misconceptions say of themselves.
        folder, solutions: ``exercises/NAME`` and ``solutions/NAME``.
        identity: digest of all that a result depends on here.
    """

    name: str
    points: int
    declared: Exercise
    drive: str
    solution: str | None
    misconceptions_source: str | None
    misconceptions: tuple[Misconception, ...]
    folder: Path
    solutions: Path
    identity: str

    @property
    def needs_reference(self) -> tuple[Property, ...]:
        """The properties that can't be judged without the reference."""
        return tuple(each for each in self.declared.properties if each.needs_reference)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """``course.toml`` and where it was found."""

    title: str
    names: tuple[str, ...]
    points: Mapping[str, int]
    seed: int
    max_examples: int
    pass_mark: float
    limits: Limits
    weights: Mapping[str, Fraction]
    policy: Policy
    root: Path

    @property
    def has_solutions(self) -> bool:
        """Whether it is a teacher's; students get it without."""
        return (self.root / "solutions").is_dir()

    def check_name(self, name: str) -> None:
        """Raises ``UsageError`` where there is no exercise of that name."""
        if name not in self.names:
            near = difflib.get_close_matches(name, self.names, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise UsageError(f"There is no exercise {name!r}. {hint}The exercises are: {', '.join(self.names)}.")

    def check_files(self, name: str) -> None:
        """Raises ``UsageError`` where a file of an exercise, or of its solution, is not there."""
        files = [self.root / "exercises" / name / file for file in GIVEN_FILES]
        files += [self.root / "solutions" / name / file for file in _OF_SOLUTIONS]
        for path in files:
            if not path.is_file():
                raise UsageError(f"The course lacks {path}.")

    def exercise(self, name: str) -> CourseExercise:
        """Reads one exercise. Raises ``UsageError`` where there is none of that name, or it can't be read."""
        self.check_name(name)
        folder, solutions = self.root / "exercises" / name, self.root / "solutions" / name
        texts = [read_text(folder / "exercise.py"), read_text(folder / "drive.py")]
        solution = read_text(solutions / "solution.py") if solutions.is_dir() else None
        wrong = read_text(solutions / "misconceptions.py") if (solutions / "misconceptions.py").is_file() else None
        digest = hashlib.sha256("\0".join([*texts, solution or "", wrong or ""]).encode()).hexdigest()
        _check_drive(folder / "drive.py", texts[1])
        _parsed(solutions / "solution.py", solution or "")
        return CourseExercise(
            name=name,
            points=self.points[name],
            declared=_declared(folder / "exercise.py", texts[0]),
            drive=texts[1],
            solution=solution,
            misconceptions_source=wrong,
            misconceptions=_misconceptions(solutions / "misconceptions.py", wrong) if wrong else (),
            folder=folder,
            solutions=solutions,
            identity=digest,
        )

    def entry_points(self) -> dict[str, tuple[str, ...]]:
        """Names that submissions define, by exercise, read from the starters."""
        return {name: _defined(self.root / "exercises" / name / "starter.py") for name in self.names}


def find_course(directory: Path | None) -> Course:
    """The course in a directory, or the nearest one: ``$GRADER_COURSE``, here or above, else the one that came along.

    Raises:
        UsageError: there is none, or ``course.toml`` isn't right; or the current folder was removed.
    """
    if directory is not None:
        if not (directory / "exercises" / "course.toml").is_file():
            raise UsageError(f"{directory} holds no course: expected {directory / 'exercises' / 'course.toml'}.")
        return _read_course(directory)
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise UsageError("The folder that the grader was started in is not there any more: go to another.") from None
    package = Path(__file__).resolve().parent
    if named := os.environ.get("GRADER_COURSE"):  # empty is how pipelines leave it unset
        return find_course(Path(named))
    candidates = [here, *here.parents, package.parent, package / "course_files"]
    for candidate in candidates:
        if (candidate / "exercises" / "course.toml").is_file():
            return _read_course(candidate)
    raise UsageError("No course was found here or above. Say where it is: --course DIR (a folder with exercises/).")


def _read_course(root: Path) -> Course:
    path = root / "exercises" / "course.toml"
    data = _read_table(path)
    _check_entries(path, data)
    limits = data.get("limits", {})
    known = [each.name for each in fields(Limits)]
    if unknown := set(limits) - set(known):
        raise UsageError(f"{path}: no such limit: {', '.join(sorted(unknown))} (there are {', '.join(known)}).")
    exercises = data["exercise"]
    _check_values(path, data, limits)
    return Course(
        title=data["title"],
        names=tuple(each["name"] for each in exercises),
        points={each["name"]: each["points"] for each in exercises},
        seed=data["seed"],
        max_examples=data["max_examples"],
        pass_mark=data["pass_mark"],
        limits=Limits(**limits),
        weights={each["name"]: Fraction(str(each.get("weight", 1))) for each in exercises},
        policy=read_policy(path, data.get("policy", {})),
        root=root.resolve(),
    )


def _read_table(path: Path) -> dict[str, Any]:
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        single = re.search(r"^\s*\[\s*exercise\s*\]", text, re.MULTILINE)
        hint = " Each exercise is an entry of its own, which begins with [[exercise]]." if single else ""
        raise UsageError(f"{path} is not TOML: {error}.{hint}") from error


def _check_entries(path: Path, data: Mapping[str, Any]) -> None:
    """Raises ``UsageError`` where an entry is missing, or there is one that nobody knows."""
    for name in data:
        if name not in (*_OF_COURSES, "limits", "policy"):
            near = difflib.get_close_matches(name, _OF_COURSES, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            there = ", ".join((*_OF_COURSES, "limits", "policy"))
            raise UsageError(f"{path}: no such entry: {name}.{hint} (There are {there}.)")
    for name in _OF_COURSES:
        if name not in data:
            raise UsageError(f"{path} lacks {'[[exercise]]' if name == 'exercise' else name}.")
    for name in ("limits", "policy"):
        if not isinstance(data.get(name, {}), dict):
            raise UsageError(f"{path}: expected a table [{name}], got {data[name]!r}.")
    exercises = data["exercise"]
    if not isinstance(exercises, list) or not exercises or not all(isinstance(each, dict) for each in exercises):
        raise UsageError(f"{path}: expected an entry [[exercise]] for each exercise, in two pairs of brackets.")
    for number, each in enumerate(exercises, 1):
        for name in ("name", "points"):
            if name not in each:
                which = f"the exercise {each['name']}" if "name" in each else f"[[exercise]] number {number}"
                raise UsageError(f"{path}: {which} lacks {name}.")


def _check_values(path: Path, data: Mapping[str, Any], limits: Mapping[str, Any]) -> None:
    def check(name: str, value: Any, expected: str, right: bool) -> None:
        if isinstance(value, bool) or not right:
            raise UsageError(f"{path}: {name} must be {expected}, got {value!r}.")

    number = int | float
    seed, count, mark = data["seed"], data["max_examples"], data["pass_mark"]
    check("the title", data["title"], "a text", isinstance(data["title"], str))
    check("seed", seed, "a whole number, at least 0", isinstance(seed, int) and seed >= 0)
    check("max_examples", count, "a whole number, at least 1", isinstance(count, int) and count >= 1)
    check("pass_mark", mark, "a number from 0 to 1", isinstance(mark, number) and 0 <= mark <= 1)
    for name, value in limits.items():
        check(name, value, Limits.expected(name), Limits.allows(name, value))
    names = [each["name"] for each in data["exercise"]]
    for each in data["exercise"]:
        name, points = each["name"], each["points"]
        if unknown := each.keys() - _OF_EXERCISES:
            there = ", ".join(_OF_EXERCISES)
            raise UsageError(f"{path}: {name} has no such entry: {', '.join(sorted(unknown))} (there are {there}).")
        right = isinstance(name, str) and re.fullmatch(r"\w+", name) is not None and names.count(name) == 1
        check("the name of an exercise", name, "the name of a folder, and stand once", right)
        check(f"the points of {name}", points, "a whole number, at least 0", isinstance(points, int) and points >= 0)
        weight = each.get("weight", 1)
        right = isinstance(weight, number) and 0 <= weight < math.inf
        check(f"the weight of {name}", weight, "a number, at least 0", right)


def read_text(path: Path) -> str:
    """A file of the course. Raises ``UsageError`` where it isn't there or can't be read."""
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin a file by a mark
    except FileNotFoundError as error:
        raise UsageError(f"The course lacks {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read: {error}.") from error


def _declared(path: Path, source: str) -> Exercise:
    module = types.ModuleType(f"exercise_{path.parent.name}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # Hypothesis asks for the module of a composite strategy
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except Exception as error:
        raise UsageError(f"{path} can't be run: {type(error).__name__}: {error}") from error
    declared = module.__dict__.get("exercise")
    if declared is None:
        near = next((name for name, each in module.__dict__.items() if isinstance(each, Exercise)), "")
        hint = f" What it calls `{near}` must have that name." if near else ""
        raise UsageError(f"{path} defines no `exercise`: expected exercise = Exercise(...).{hint}")
    if not isinstance(declared, Exercise):
        raise UsageError(f"{path} must define exercise = Exercise(...), got {type(declared).__name__}.")
    if declared.level not in LEVELS:
        raise UsageError(f"{path}: the level must be one of {', '.join(LEVELS)}, got {declared.level!r}.")
    return checked(declared, path)


def _defined(path: Path) -> tuple[str, ...]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return tuple(node.name for node in _parsed(path, read_text(path)) if isinstance(node, kinds))


def _parsed(path: Path, source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError as error:
        raise UsageError(f"{path}, line {error.lineno}: this is not Python: {error.msg}.") from error
    except ValueError as error:
        raise UsageError(f"{path} is not Python: {error}.") from error


def _check_drive(path: Path, source: str) -> None:
    """Raises ``UsageError`` where workers could not call the drive."""
    for node in _parsed(path, source):
        match node:
            case ast.FunctionDef(name="drive", args=args):
                if len(args.posonlyargs + args.args) != len(_OF_A_DRIVE) and args.vararg is None:
                    raise UsageError(f"{path}, line {node.lineno}: expected drive({', '.join(_OF_A_DRIVE)}).")
                return
            case ast.ImportFrom(names=names) if any("drive" in (each.name, each.asname) for each in names):
                return
            case ast.Assign(targets=[ast.Name(id="drive")]):
                return
    raise UsageError(f"{path} defines no function `drive`: expected def drive({', '.join(_OF_A_DRIVE)}).")


def _misconceptions(path: Path, source: str) -> tuple[Misconception, ...]:
    found: dict[str, Misconception] = {}
    for node in _parsed(path, source):
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        same = [found[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in found]
        if same:
            found[node.name] = dataclasses.replace(same[0], namespace=node.name)
            continue
        title, _, explanation = (ast.get_docstring(node) or "").partition("\n")
        hint = _assigned(node.body, "hint")
        if not title or not explanation or not isinstance(hint, str) or not hint:
            raise UsageError(f"{path}: {node.name} needs a docstring (title, blank line, explanation) and a hint.")
        words = re.sub(r"(?<!^)(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])", "_", node.name)
        found[node.name] = Misconception(
            name=words.lower(),
            namespace=node.name,
            title=title.strip().rstrip("."),
            explanation=" ".join(explanation.split()),
            hint=hint,
            any_numbers=_assigned(node.body, "any_numbers") is True,
        )
    return tuple(found.values())


def _assigned(body: Sequence[ast.stmt], name: str) -> object:
    """The constant that a class gives a name, or ``None``."""
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Constant(value=value)) if found == name:
                return value
    return None


def source_digest() -> str:
    """Digest of the grader's own source: what it computed stays valid for as long as this is the same."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()

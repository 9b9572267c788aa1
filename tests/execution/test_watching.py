"""Looks into the interpreter: those of a submission are refused, those of libraries for honest code are not."""

from __future__ import annotations

import sys
import textwrap
import types
from contextlib import closing
from pathlib import Path

import pytest

from grader.cases import Case
from grader.execution import asking
from grader.execution.bundles import Bundle
from grader.execution.limits import Limits
from grader.execution.servers import ForkServer
from grader.execution.session import Session
from grader.execution.traces import PlainValue, TableValue, Value
from grader.grading import Grader
from tests.conftest import GradeSource
from tests.honest import IDIOMS, cells, functions
from tests.hostile import reaching
from tests.hostile.looks import REFUSED
from tests.sources import init_hidden, messages, notebook

LIMITS = Limits(import_seconds=60.0, case_seconds=60.0, exercise_seconds=120.0, memory_mb=4096, output_kb=64)
DRIVE = "def drive(submission, case, observe):\n    observe(said=submission.say())\n"
IMPORTS = (
    "import ctypes, gc, importlib, inspect, logging, signal, sys, threading, traceback\n"
    "import torch, torch.fx, torch.utils._pytree\n"
)


def said(server: ForkServer, source: str) -> Value:
    """What the function ``say`` of a source returns in a worker."""
    bundle = Bundle.of_one_file("submission.py", source)
    with Session(server, bundle=bundle, drive=DRIVE, names=["say"], limits=LIMITS) as session:
        (trace,) = session.run([Case(parts={})])
    assert trace.failure is None, trace.failure
    (value,) = trace.named("said")
    return value


def trying(body: str) -> str:
    """A source that tries something when it is called, and says what it got or what it was told."""
    return (
        f"{IMPORTS}\ndef look():\n{textwrap.indent(body, '    ')}\n\n"
        "def say():\n    try: return f'got {look()!r}'\n    except BaseException as error: return str(error)\n"
    )


@pytest.mark.parametrize(("body", "told"), REFUSED.values(), ids=REFUSED)
def test_a_look_into_the_interpreter_is_refused(server: ForkServer, body: str, told: str) -> None:
    """Whatever way a submission takes to a frame, to what refers to what, or to a trace, it is told what not to do."""
    assert said(server, trying(body)) == PlainValue(value=told)


REACHING = Path(reaching.__file__).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["train_truncated", "generate"])
def test_no_attribute_leads_to_the_grader(server: ForkServer, quick_grader: Grader, name: str) -> None:
    """From all modules and classes, and from what a submission is given, no function or object of ours is reached."""
    source = f"{REACHING}\n\ndef {name}(*given):\n    raise RuntimeError(f'reached {{reached(given)}}')\n"
    bench = quick_grader.workbench(name)
    bundle = Bundle.of_one_file("submission.py", source)
    with Session(server, bundle=bundle, drive=bench.exercise.drive, names=[name], limits=LIMITS) as session:
        (trace,) = session.run([next(iter(bench.plan.runs.values()))])
    assert trace.failure is not None
    assert trace.failure.text == "reached []"


def test_a_refused_look_is_an_ordinary_exception(grade_source: GradeSource) -> None:
    """Where it is not caught it is the message, with its line; where it is, the submission is graded as any other."""
    caught = "try: sys._getframe().f_back.f_locals['observe'] = None\n    except RuntimeError: pass"
    assert grade_source(init_hidden(caught), "init_hidden").score == 10
    result = grade_source(init_hidden("sys._getframe()"), "init_hidden")
    assert (result.score, result.status) == (0, "failed")
    assert messages(result)[0] == f"Your code raised RuntimeError: {REFUSED['a frame'][1]}"


def test_honest_code_is_not_refused(server: ForkServer) -> None:
    """What honest submissions do with the interpreter, themselves and through libraries, works in a run."""
    assert len(IDIOMS) >= 40
    value = said(server, functions("say"))
    assert value == TableValue(type_name="dict", keys=(), values=())


def test_the_compiler_of_torch_can_be_loaded() -> None:
    """Adam and torch.func load it, in a worker whose server has not: it asks every cache for what it wraps."""
    with closing(ForkServer()) as fresh:
        value = said(fresh, functions("say", only="what loads torch's compiler"))
    assert value == TableValue(type_name="dict", keys=(), values=())


def test_honest_code_is_not_refused_at_import(grade_source: GradeSource) -> None:
    """The same at import and within the function that is graded: full marks."""
    before = f"{functions('say')}\nassert say() == {{}}, say()\ncalls = []"
    source = init_hidden("calls or calls.append(say()); assert calls == [{}], calls", before=before)
    result = grade_source(source, "init_hidden")
    assert (result.score, messages(result)) == (10, [])


def test_honest_code_is_not_refused_in_a_notebook(grade_source: GradeSource) -> None:
    """The same in the cells of a notebook: no cell raises, and full marks."""
    result = grade_source(notebook(init_hidden(), *cells()), "init_hidden", ".ipynb")
    assert (result.score, messages(result)) == (10, [])


def test_our_own_looks_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are many, and no library has to be read for them."""
    monkeypatch.setattr(asking, "code_of_file", lambda file: pytest.fail(f"{file} was read"))

    def look() -> types.FrameType:
        return sys._getframe()

    may = asking.new_judge({id(look.__code__): look.__code__}, {id(globals()): globals()})
    assert may(look(), "_getframe")
    assert not may(look(), "get_objects")

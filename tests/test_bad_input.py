"""What bad input gets: one line a person can act on, no harm beyond its own exercise, and no traceback of ours."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import pytest

from grader.grading import Grader
from grader.report import ExerciseResult
from tests.conftest import GradeSource
from tests.sources import init_hidden, messages, notebook, returning

UNSEEN = "`the rest of the state` was seen 0 times, expected 2."
NOT_COUNTED = "Not counted: it holds, but no case that takes work came out right, so there is nothing to credit."
NOT_TRIED = "This could not be tried (not run: 3 earlier runs ended the process or outlasted their limit)."
SIGNATURE = "It should be callable as init_hidden(rnn, batch_size)."


def without_seconds(result: ExerciseResult) -> ExerciseResult:
    """What must not change between two gradings of the same code."""
    return dataclasses.replace(result, seconds=0.0)


@pytest.fixture
def assert_next_is_graded_as_if_alone(grade_source: GradeSource, small_grader: Grader) -> Callable[[], None]:
    """A check for the end of a test: a right submission gets full marks, with nothing of the last one in its result."""

    def check() -> None:
        after = grade_source(init_hidden(), "init_hidden", grader=small_grader)
        assert (after.status, after.score, messages(after), after.printed) == ("passed", 10, [], "")
        assert without_seconds(grade_source(init_hidden(), "init_hidden", grader=small_grader)) == without_seconds(
            after
        )

    return check


UNREADABLE = {
    "not UTF-8": (
        b"import torch\n# na\xefve\ndef init_hidden(rnn, batch_size): pass\n",
        "submission.py is not UTF-8 text (line 2); save it as UTF-8.",
    ),
    "syntax error": (
        "import torch\ndef init_hidden(rnn, batch_size)\n    return None\n",
        "submission.py, line 2 is not Python (expected ':'): def init_hidden(rnn, batch_size)",
    ),
    "bracket never closed": (
        "def init_hidden(rnn, batch_size):\n    return (1\n",
        "submission.py, line 2 is not Python ('(' was never closed): return (1",
    ),
    "nothing in it": ("\n\n", "submission.py has no code in it."),
    "entry point missing": ("import torch\nx = 1\n", "It does not define `init_hidden`."),
    "entry point misspelt": (
        init_hidden().replace("init_hidden", "init_hiden"),
        "It does not define `init_hidden`. Is it the `init_hiden` at submission.py, line 3? Then rename it.",
    ),
    "entry point in camel case": (
        init_hidden().replace("init_hidden", "initHidden"),
        "It does not define `init_hidden`. Is it the `initHidden` at submission.py, line 3? Then rename it.",
    ),
    "entry point is a number": ("init_hidden = 3\n", "It does not define `init_hidden` as something to call."),
    "entry point deleted again": (
        init_hidden(after="del init_hidden"),
        "It does not define `init_hidden` as something to call.",
    ),
    "import of what is not installed": (
        init_hidden(before="from no_such_package import Base\nclass Mine(Base): ..."),
        "No module named 'no_such_package': it is neither installed here nor handed in (submission.py, line 3). Only "
        "torch, numpy and the standard library are installed here; files of your own can be handed in beside it, in a "
        "folder.",
    ),
    "exception while importing": (
        init_hidden(before="x = 1 / 0"),
        "It can't be imported: ZeroDivisionError: division by zero (submission.py, line 2).",
    ),
    "exception in a function called while importing": (
        init_hidden(before="def f(x): return x[7]\nf([])"),
        "It can't be imported: IndexError: list index out of range (submission.py, line 2, in f).",
    ),
    "exception without a text while importing": (
        init_hidden(before="raise RuntimeError"),
        "It can't be imported: RuntimeError (submission.py, line 2).",
    ),
    "exception whose text raises while importing": (
        init_hidden(before="class Bad(Exception):\n    def __str__(self): raise ValueError\nraise Bad"),
        "It can't be imported: Bad: <ValueError while its text was made> (submission.py, line 4).",
    ),
    "endless loop while importing": (
        init_hidden(before="while True: pass"),
        "The submission took too long while it was imported; the limit is 3 s, by import_seconds in course.toml. "
        "It did not get past submission.py, line 2. "
        'What is only for your own runs can stand under if __name__ == "__main__".',
    ),
    "sys.exit while importing": (
        init_hidden(after="sys.exit()"),
        "It ends the program while it is imported (submission.py, line 9). "
        'Leave out what does so (sys.exit, exit, argparse), or put it under if __name__ == "__main__".',
    ),
    "os._exit while importing": (
        init_hidden(after="os._exit(0)"),
        "The submission ended the process itself with exit code 0 (os._exit?) while it was imported.",
    ),
    "segfault while importing": (
        init_hidden(before="import ctypes; ctypes.string_at(0)"),
        "The submission ended the process with SIGSEGV (a segmentation fault) while it was imported.",
    ),
    "kills itself while importing": (
        init_hidden(before="os.kill(os.getpid(), signal.SIGKILL)"),
        "The submission ended the process with SIGKILL (killed; perhaps the machine ran out of memory) "
        "while it was imported.",
    ),
    "10 GB while importing": (
        init_hidden(before="big = bytearray(10 << 30)"),
        "It can't be imported: MemoryError (submission.py, line 2).",
    ),
    "stdin read while importing": (
        init_hidden(before="size = input('batch size? ')"),
        "It reads input while it is imported (submission.py, line 2); nobody is there to type.",
    ),
}


@pytest.mark.parametrize(("source", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_loaded_is_an_error_with_one_line(
    grade_source: GradeSource,
    small_grader: Grader,
    assert_next_is_graded_as_if_alone: Callable[[], None],
    source: str | bytes,
    message: str,
) -> None:
    """Code that can't be executed gets 0 points and one line that says where and why; the next one is unharmed."""
    result = grade_source(source, "init_hidden", grader=small_grader)
    status = "missing" if message == "It does not define `init_hidden`." else "error"
    assert (result.status, result.score, result.max_score, messages(result)) == (status, 0, 10, [message])
    assert_next_is_graded_as_if_alone()


NOTEBOOKS = {
    "not JSON": (
        "# %% a script\n",
        "submission.ipynb is not a notebook: it is not JSON (Expecting value: line 1 column 1 (char 0)).",
    ),
    "JSON of something else": (
        "[1, 2]",
        "submission.ipynb is not a notebook: it has no list of cells as nbformat describes.",
    ),
    "no code": (
        '{"cells": [{"cell_type": "markdown", "source": ["# Hi"], "metadata": {}}], "nbformat": 4}',
        "submission.ipynb has no code in it.",
    ),
    "no cells": ('{"cells": [], "nbformat": 4}', "submission.ipynb has no code in it."),
    "the cell that defines it is not Python": (
        notebook("import torch", "def init_hidden(rnn, batch_size):\n    return [rnn"),
        "It does not define `init_hidden` as something to call. submission.ipynb, cell 2 raised SyntaxError: "
        "'[' was never closed (submission.ipynb, cell 2, line 2).",
    ),
    "the cell that defines it raises": (
        notebook("import torch", "@frobnicate\ndef init_hidden(rnn, batch_size): pass"),
        "It does not define `init_hidden` as something to call. submission.ipynb, cell 2 raised NameError: "
        "name 'frobnicate' is not defined (submission.ipynb, cell 2, line 1).",
    ),
}


@pytest.mark.parametrize(("source", "message"), NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_a_notebook_that_is_none_is_an_error_with_one_line(
    grade_source: GradeSource, small_grader: Grader, source: str, message: str
) -> None:
    """A file called .ipynb that holds no runnable notebook says what it lacks."""
    result = grade_source(source, "init_hidden", ".ipynb", grader=small_grader)
    assert (result.status, result.score, messages(result)) == ("error", 0, [message])


def test_a_cell_that_raises_is_told_where_the_rest_fails(grade_source: GradeSource, small_grader: Grader) -> None:
    """What it has left undone shows elsewhere; as in a notebook, it stands in what was printed."""
    cells = "import math.no_such_module\nimport torch", "def init_hidden(rnn, batch_size):\n    return torch.zeros(1)"
    result = grade_source(notebook(*cells), "init_hidden", ".ipynb", grader=small_grader)
    assert messages(result)[0].startswith("Your code raised NameError: name 'torch' is not defined")
    assert result.printed == (
        "submission.ipynb, cell 1 raised ModuleNotFoundError: No module named 'math.no_such_module'; 'math' is not a "
        "package (submission.ipynb, cell 1, line 1).\n"
    )


def returned(what: str) -> list[str]:
    """What is said of a wrong return type."""
    return [f"state (number 1 of 2) is {what}, expected a tensor of shape (1, 1, 3).", UNSEEN, NOT_COUNTED]


def raised(what: str) -> list[str]:
    """What is said of an exception in every call."""
    return [f"Your code raised {what}"]


def ended(how: str) -> list[str]:
    """What is said of a process that ends in every call."""
    return [f"A run did not end as it should: the submission {how}.", NOT_TRIED]


WRONG = {
    "too few parameters": (
        "def init_hidden(rnn): return None",
        [
            f"The call did not fit: init_hidden() takes 1 positional argument but 2 were given. {SIGNATURE}",
        ],
    ),
    "too many parameters": (
        "def init_hidden(rnn, batch_size, device): return None",
        [
            f"The call did not fit: init_hidden() missing 1 required positional argument: 'device'. {SIGNATURE}",
        ],
    ),
    "returns None": (returning("None"), returned("None")),
    "returns a string": (returning("'zeros'"), returned("'zeros'")),
    "returns a list": (returning("[0.0, 0]"), returned("a list of (float 0.0, int 0)")),
    "returns an array": (returning("numpy.zeros(3)", before="import numpy"), returned("an object of type ndarray")),
    "is a generator": ("def init_hidden(rnn, batch_size): yield 1", returned("an object of type generator")),
    "returns what pickles to an attack": (
        returning("Boom()", before="class Boom:\n    def __reduce__(self): return (open, ('owned', 'w'))"),
        returned("an object of type Boom"),
    ),
    "is not written": (
        init_hidden("raise NotImplementedError"),
        raised("NotImplementedError (it is not written yet)."),
    ),
    "raises": (init_hidden("raise ValueError('no such layer')"), raised("ValueError: no such layer.")),
    "raises without a text": (init_hidden("assert batch_size is None"), raised("AssertionError.")),
    "raises what has no text": (
        init_hidden("raise Bad", before="class Bad(Exception):\n    def __str__(self): raise ValueError"),
        raised("Bad: <ValueError while its text was made>."),
    ),
    "calls sys.exit": (init_hidden("sys.exit(3)"), raised("SystemExit: 3. A function must not end the program.")),
    "reads stdin": (
        init_hidden("batch_size = int(input())"),
        raised(
            "EOFError: EOF when reading a line. There is no input to read while your code is graded; "
            "don't call input()."
        ),
    ),
    "allocates 10 GB": (
        init_hidden("big = bytearray(10 << 30)"),
        raised("MemoryError. That is more memory than the limit allows."),
    ),
    "allocates a tensor of 10 GB": (
        init_hidden("big = torch.ones(10 << 30, dtype=torch.uint8)"),
        raised(
            "RuntimeError: [enforce fail at alloc_cpu.cpp:N] err == 0. DefaultCPUAllocator: can't allocate memory: "
            "you tried to allocate 10737418240 bytes. Error code 12 (Cannot allocate memory). "
            "That is more memory than the limit allows."
        ),
    ),
    "calls os._exit": (
        init_hidden("os._exit(7)"),
        ended("ended the process itself with exit code 7 (os._exit?)"),
    ),
    "segfaults": (
        init_hidden("import ctypes; ctypes.string_at(0)"),
        ended("ended the process with SIGSEGV (a segmentation fault)"),
    ),
    "kills itself": (
        init_hidden("os.kill(os.getpid(), signal.SIGKILL)"),
        ended("ended the process with SIGKILL (killed; perhaps the machine ran out of memory)"),
    ),
    "closes the grader's socket": (
        init_hidden("os.closerange(3, 64)"),
        ended("broke the worker that ran it (by closing descriptors, or replacing built-ins?)"),
    ),
    "writes into the grader's socket": (
        init_hidden("[os.write(fd, b'\\xff' * 64) for fd in range(3, 9) if os.path.exists(f'/proc/self/fd/{fd}')]"),
        ended("sent something that is no result: a frame announces 4294967295 + 4294967295 bytes, over the limit"),
    ),
}


@pytest.mark.parametrize(("source", "expected"), WRONG.values(), ids=WRONG)
def test_what_goes_wrong_in_every_call_earns_nothing_and_says_why(
    grade_source: GradeSource,
    small_grader: Grader,
    assert_next_is_graded_as_if_alone: Callable[[], None],
    source: str,
    expected: list[str],
) -> None:
    """A call that fits not, raises, returns nonsense or ends the process is told as such, and harms nobody else."""
    result = grade_source(source, "init_hidden", grader=small_grader)
    said = [re.sub(r"alloc_cpu\.cpp:\d+", "alloc_cpu.cpp:N", text) for text in messages(result)]
    assert (result.status, result.score, said) == ("failed", 0, expected)
    assert_next_is_graded_as_if_alone()

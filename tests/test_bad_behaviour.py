"""What a submission may do without harm, what it can't cheat with, and how far the harm goes of one that hangs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.grading import Grader
from grader.submission import read_submission
from tests.conftest import GradeSource
from tests.sources import init_hidden, messages, returning, too_long

HARMLESS = {
    "writes to stderr": init_hidden("sys.stderr.write('careful\\n')"),
    "warns": init_hidden("warnings.warn('deprecated')", before="warnings.warn('old')"),
    "logs": init_hidden("logging.error('hm')", before="import logging; logging.basicConfig(level=0)"),
    "reads stdin to its end": init_hidden("sys.stdin.read(); sys.stdin.readlines()"),
    "floods stdout while importing": init_hidden(after="print('spam ' * 2_000_000)"),
    "floods stderr in one call": init_hidden("batch_size == 64 and sys.stderr.write('spam ' * 2_000_000)"),
    "prints what is not UTF-8": init_hidden("os.write(1, b'\\xff\\xfe\\n')"),
    "closes its output": init_hidden(after="os.close(1); os.close(2)"),
    "leaves a daemon thread": init_hidden(
        after="threading.Thread(target=lambda: [time.sleep(0.01) for _ in iter(int, 1)], daemon=True).start()"
    ),
    "leaves a thread that is no daemon": init_hidden(after="threading.Thread(target=time.sleep, args=(900,)).start()"),
    "guards its main": init_hidden(after="if __name__ == '__main__': raise RuntimeError"),
    "takes every name from torch": init_hidden(before="from torch import *; from torch.nn import *"),
    "sets the default dtype": init_hidden(after="torch.set_default_dtype(torch.float16)"),
    "switches gradients off": init_hidden(after="torch.set_grad_enabled(False)"),
    "asks for many threads": init_hidden(after="torch.set_num_threads(8)"),
    "replaces torch.manual_seed": init_hidden(after="torch.manual_seed = lambda seed: None"),
    "replaces torch.allclose": init_hidden(after="torch.allclose = torch.equal = lambda *a, **k: False"),
    "replaces Tensor.__eq__": init_hidden(
        after="torch.Tensor.__eq__ = lambda a, b: False; torch.Tensor.__hash__ = object.__hash__"
    ),
    "sets the default device": init_hidden(after="torch.set_default_device('cpu')"),
    "registers a hook on all modules": init_hidden(
        after="nn.modules.module.register_module_forward_hook(lambda module, arguments, result: None)"
    ),
    "derives from Module, and tells how it is shown": init_hidden(
        after="class Mine(nn.Module): pass\nnn.Module.__repr__ = lambda self: 'module'; nn.Module.mine = 1"
    ),
    "uses a mode of torch in a with statement": init_hidden(
        "from torch.overrides import TorchFunctionMode as Mode; Mode().__enter__().__exit__(None, None, None)"
    ),
    "replaces warnings.warn and the standard output": init_hidden(
        after="import io; warnings.warn = lambda *a, **k: None; sys.stdout = io.StringIO(); print('hm')"
    ),
    "takes back a trace": init_hidden("sys.settrace(None)"),
    "defines a dataclass": init_hidden(before="import dataclasses\n@dataclasses.dataclass\nclass S:\n    h: int = 0"),
}


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS)
def test_what_is_no_fault_costs_nothing(grade_source: GradeSource, small_grader: Grader, source: str) -> None:
    """Warnings, output, threads, reading an empty stdin and meddling with what nobody trusts cost no point."""
    result = grade_source(source, "init_hidden", grader=small_grader)
    assert (result.status, result.score, messages(result)) == ("passed", 10, [])


def test_of_a_flood_of_output_the_beginning_is_kept(grade_source: GradeSource, small_grader: Grader) -> None:
    """What is printed is kept up to the limit of the course, no matter how much it is."""
    result = grade_source(init_hidden(before="print('first', 'x' * 5_000_000)"), "init_hidden", grader=small_grader)
    assert result.printed == "first " + "x" * (1024 - len("first "))


def test_what_torch_says_of_its_speed_is_not_the_students(grade_source: GradeSource, small_grader: Grader) -> None:
    """An LSTM with projections makes torch warn, once a process; other warnings are the submission's."""
    source = (
        "import torch, warnings\n"
        "torch.nn.LSTM(2, 3, proj_size=1)(torch.ones(1, 1, 2))\n"
        "warnings.warn('mine')\n"
        "def init_hidden(rnn, batch_size):\n    return None\n"
    )
    printed = grade_source(source, "init_hidden", grader=small_grader).printed
    assert "mine" in printed
    assert "oneDNN" not in printed


def test_what_is_printed_is_kept_for_the_student(grade_source: GradeSource, small_grader: Grader) -> None:
    """Standard output and error come in the order in which they were written, short or not, as text."""
    source = init_hidden(before="print('a', flush=True); os.write(2, b'b\\xff\\n'); print('c')")
    assert grade_source(source, "init_hidden", grader=small_grader).printed == "a\nb\ufffd\nc\n"


LIAR = """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func in (torch.allclose, torch.equal, torch.isclose):
            return True
        return super().__torch_function__(func, types, args, kwargs or {})
    shape = property(lambda self: torch.Size([1, 1, 3]))
    dtype = torch.float64
    __eq__ = lambda self, other: True
    __hash__ = object.__hash__
"""

CHEATS = {
    "a subclass that lies about its values": (
        returning("rnn.weight_hh_l0.new_ones((1, 1, 3)).as_subclass(Liar)", before=LIAR),
        "state, layer 0, sequence 0, feature 0 (number 1 of 2) is 1, expected 0 (3 of 3 numbers differ).",
    ),
    "a subclass that lies about its shape and dtype": (
        returning("torch.ones(7).as_subclass(Liar)", before=LIAR),
        "state (number 1 of 2) has shape (7,), expected (1, 1, 3).",
    ),
    "comparisons of torch replaced": (
        returning(
            "rnn.weight_hh_l0.new_ones((1, 1, 3))",
            before="torch.allclose = torch.equal = torch.isclose = torch.testing.assert_close = lambda *a, **k: True\n"
            "torch.Tensor.__eq__ = lambda a, b: True; torch.Tensor.__hash__ = object.__hash__\n"
            "torch.Tensor.tolist = lambda self: None",
        ),
        "state, layer 0, sequence 0, feature 0 (number 1 of 2) is 1, expected 0 (3 of 3 numbers differ).",
    ),
    "attributes of Tensor replaced": (
        returning(
            "torch.ones(7)", before="torch.Tensor.shape = torch.Size([1, 1, 3]); torch.Tensor.dtype = torch.float64"
        ),
        "A run did not end as it should: the submission replaced torch.Tensor.dtype, which the grader uses: leave what "
        "belongs to torch, Python and the grader as it is.",
    ),
    "NaN everywhere": (
        returning("rnn.weight_hh_l0.new_full((1, 1, 3), float('nan'))"),
        "state, layer 0, sequence 0, feature 0 (number 1 of 2) is nan, expected 0.",
    ),
    "an object that is equal to everything": (
        returning("Equal()", before="class Equal:\n    __eq__ = __ne__ = lambda self, other: True"),
        "state (number 1 of 2) is an object of type Equal, expected a tensor of shape (1, 1, 3).",
    ),
}


@pytest.mark.parametrize(("source", "message"), CHEATS.values(), ids=CHEATS)
def test_what_only_looks_right_earns_nothing(
    grade_source: GradeSource, small_grader: Grader, source: str, message: str
) -> None:
    """Values are read past everything a submission can replace, and judged where it can't reach."""
    result = grade_source(source, "init_hidden", grader=small_grader)
    assert (result.status, result.score, result.properties[0].message) == ("failed", 0, message)


def test_what_comes_back_is_never_unpickled(grade_source: GradeSource, small_grader: Grader, tmp_path: Path) -> None:
    """An object whose pickle would run code, returned or raised, runs nothing in the grader."""
    owned = tmp_path / "owned"
    boom = f"class Boom(Exception):\n    def __reduce__(self): return (open, ({str(owned)!r}, 'w'))"
    for source in (returning("(Boom(),)", before=boom), init_hidden("raise Boom('no')", before=boom)):
        assert grade_source(source, "init_hidden", grader=small_grader).score == 0
    assert not owned.exists()


def test_a_loop_in_one_run_costs_what_asked_for_that_run(grade_source: GradeSource, small_grader: Grader) -> None:
    """The law whose run hangs is lost, with the limit; all the others keep their points."""
    source = init_hidden("while batch_size >= 64: pass")  # only the run that measures memory is so large
    result = grade_source(source, "init_hidden", grader=small_grader)
    assert (result.status, result.score) == ("failed", 9)
    assert {each.name: each.message for each in result.properties if each.points == 0} == {
        "memory is flat": too_long("submission.py, line 4, in init_hidden")
    }


def test_what_passed_before_too_many_deaths_keeps_its_points(grade_source: GradeSource, small_grader: Grader) -> None:
    """After three deaths the rest is not run, and says so; what passed before is not taken back."""
    source = init_hidden("os.kill(os.getpid(), signal.SIGTERM) if weight.is_meta else None").replace(
        "    os.kill", "    weight = next(rnn.parameters())\n    os.kill"
    )
    result = grade_source(source, "init_hidden", grader=small_grader)
    assert (result.status, result.score) == ("failed", 8)
    assert {each.name: each.message for each in result.properties if each.points == 0} == {
        "device of the module": "A run did not end as it should: the submission ended the process with SIGTERM.",
        "memory is flat": "This could not be tried "
        "(not run: 3 earlier runs ended the process or outlasted their limit).",
    }


def test_what_dies_costs_its_own_exercise_only(small_grader: Grader, tmp_path: Path) -> None:
    """In one submission, an exercise that kills its process costs nothing in another one, whichever comes first."""
    path = tmp_path / "both.py"
    path.write_text(init_hidden(after="def detach_state(state): os.kill(os.getpid(), signal.SIGSEGV)"))
    submission = read_submission(path)
    for names in (["init_hidden", "detach_state"], ["detach_state", "init_hidden"]):
        result = small_grader.grade_submission(submission, names)
        scores = {each.name: (each.status, each.score) for each in result.exercises}
        assert scores == {"init_hidden": ("passed", 10), "detach_state": ("failed", 0)}
        assert (result.status, result.score, result.max_score) == ("failed", 10, 20)


def test_a_path_that_is_not_there_names_what_is(tmp_path: Path) -> None:
    """A missing file is a wrong use, and the message lists what could have been meant."""
    (tmp_path / "homework.py").write_text("x = 1\n")
    with pytest.raises(UsageError) as caught:
        read_submission(tmp_path / "homwork.py")
    assert str(caught.value) == (f"There is no file or folder {tmp_path}{os.sep}homwork.py. Did you mean homework.py?")


def test_a_folder_with_nothing_to_grade_says_what_was_expected(tmp_path: Path) -> None:
    """A folder without submissions is a wrong use."""
    (tmp_path / "notes.txt").write_text("later\n")
    with pytest.raises(UsageError) as caught:
        read_submission(tmp_path)
    assert (
        str(caught.value)
        == f"{tmp_path} holds nothing to grade: expected .py or .ipynb files in it, or in folders in it."
    )

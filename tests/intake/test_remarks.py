"""What is pointed out to whoever gives the marks: read from the text, whatever the text does not want to be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.intake.remarks import Remark
from grader.intake.sources import SourceFile, read_source
from grader.submission import read_submission
from grader.summary import Summary, lines
from tests.conftest import ROOT
from tests.hostile import lies, verdicts

FOUND = {
    "import ctypes": ("ctypes", "reaches memory that is not the submission's own"),
    "import ctypes.util as u": ("ctypes", "reaches memory that is not the submission's own"),
    "from numpy.lib.stride_tricks import as_strided": (
        "stride_tricks",
        "reaches memory that is not the submission's own",
    ),
    "class A: __array_interface__ = {}": (
        "__array_interface__",
        "reaches memory that is not the submission's own",
    ),
    "getattr(x, '__array_interface__')": (
        "__array_interface__",
        "reaches memory that is not the submission's own",
    ),
    "x = y.tb_frame": ("tb_frame", "looks into Python itself"),
    "import sys\nsys.modules['a'].b = 1": ("sys.modules", "looks into Python itself"),
    "exec('1')": ("exec", "can run code that does not stand there to be read"),
    "import torch\ntorch.Tensor.detach = f": ("torch.Tensor.detach", "is a library's, and is replaced"),
    "from torch import nn as n\ndel n.LSTM.forward": ("n.LSTM.forward", "is a library's, and is replaced"),
    "import torch\nsetattr(torch, 'allclose', f)": ("torch", "is a library's, and is replaced"),
    "import sys\ngetattr(sys, '_get' + 'frame')": (
        "getattr of sys by a name that is put together",
        "can run code that does not stand there to be read",
    ),
    "import torch\nvars(torch)['mm'] = f": ("the dict of torch", "can run code that does not stand there to be read"),
    "import torch\ntorch.__dict__['mm'] = f": (
        "the dict of torch",
        "can run code that does not stand there to be read",
    ),
    "class A(torch.Tensor): pass": ("a class of tensors", "stands between torch and what torch does"),
    "import torch\ntorch.library.Library": ("torch.library", "stands between torch and what torch does"),
    "from threading import Thread": ("Thread", "does something after a call has returned"),
    "import tracemalloc": ("tracemalloc", "changes how memory is measured"),
    "import os\nos.environ['A']": ("environ", "can tell that it is graded"),
    "open('/proc/self/mem')": ("/proc", "reaches out of the process"),
    f"a = {list(range(200))}": ("200 numbers", "in one place could be answers"),
}
ORDINARY = """
import copy, gc, logging, math, random, re, sys, threading
import numpy as np, torch, torch.nn as nn
import matplotlib.pyplot as plt
torch.backends.cudnn.deterministic = True
torch.manual_seed(0)
plt.rcParams["figure.figsize"] = (4, 3)
PATTERN = re.compile("a+")
LOCK = threading.Lock()
model = torch.compile(nn.LSTM(3, 4))
signal = torch.sin(torch.linspace(0, 1, 50))
windows = signal.as_strided((10, 5), (5, 1))
weights = [getattr(model, f"weight_ih_l{k}") for k in range(1)]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.name = self.__class__.__name__
        self.h = None
    def __repr__(self): return "Net"
model.eval()
gc.collect()
table = [0.1] * 500
activation = getattr(torch, "ta" + "nh")
"""


def on(source: str, name: str = "hw.py") -> tuple[Remark, ...]:
    return read_source(name, source.encode()).remarks


@pytest.mark.parametrize("source", FOUND)
def test_what_is_pointed_out(source: str) -> None:
    """Each way in which it can be written, with the line."""
    what, why = FOUND[source]
    line = source.count("\n") + 1
    assert on(source) == (Remark(where=f"hw.py, line {line}", what=what, why=why),)


def test_what_students_write_is_not() -> None:
    """What stands in ordinary homework, imports of modules included, gives nothing to read."""
    assert on(ORDINARY) == ()


def test_right_submissions_give_nothing_to_read() -> None:
    """None of the right ones in many styles that the grader is tried on."""
    right = [path for path in (ROOT / "tests/submissions").glob("*/right/*") if path.suffix in (".py", ".ipynb")]
    assert len(right) > 200
    assert {path.name: found for path in right if (found := on(path.read_text(encoding="utf-8"), path.name))} == {}


def test_cheats_that_reach_for_memory_are_pointed_out() -> None:
    """Whatever else stops them: those that name machine memory, frames or threads are for a person to read."""
    sources = [each.source for table in (lies.LIES, verdicts.CHEATS) for each in table.values()]
    reaching = [source for source in sources if any(word in source for word in ("ctypes", "_getframe", "Thread("))]
    assert len(reaching) >= 3
    assert all(map(on, reaching))


def test_each_thing_once_and_not_too_many() -> None:
    """The first place of each; whoever writes thousands is told of some."""
    assert [each.where for each in on("exec('1')\nexec('2')")] == ["hw.py, line 1"]
    many = "import torch\n" + "\n".join(f"torch.a{number} = 1" for number in range(3000))
    assert len(on(many)) == 20


def test_cells_of_a_notebook() -> None:
    """The cell and the line in it; a cell that is no Python hides no other."""
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in ("x = (", "a = 1\nexec('2')")]
    found = on(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "hw.ipynb")
    assert [each.where for each in found] == ["hw.ipynb, cell 2, line 2"]


def test_goes_through_json() -> None:
    """What the process that reads files says arrives."""
    file = read_source("hw.py", b"import ctypes")
    assert SourceFile.from_json(json.loads(json.dumps(file.to_json()))) == file


def test_all_that_is_run_is_read(tmp_path: Path) -> None:
    """A helper beside the file counts, too; a notebook beside it is not run, and doesn't."""
    (tmp_path / "hw.py").write_text("from helper import f\ndef init_hidden(rnn, batch_size): ...\n", encoding="utf-8")
    (tmp_path / "helper.py").write_text("import ctypes\ndef f(): ...\n", encoding="utf-8")
    (tmp_path / "other.ipynb").write_text(
        json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": "exec('1')"}]}), encoding="utf-8"
    )
    submission = read_submission(tmp_path)
    file = submission.file_for("init_hidden", ("init_hidden",))
    assert file is not None
    assert [each.where for each in submission.remarks(file)] == ["helper.py, line 1"]


def test_the_summary_of_a_cohort_names_the_students() -> None:
    """With what is in their code."""
    said = "\n".join(lines(Summary(students=1, to_read={"ada": {"ctypes": None, "exec": None}})))
    assert "To be read by a person, for they use what no exercise needs: 1 students\n    ada: ctypes, exec" in said

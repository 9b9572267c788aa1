"""Wrong submissions that attack their verdict: lies about values, functions replaced, readings forged."""

from __future__ import annotations

from tests.hostile import Cheat
from tests.sources import init_hidden, returning

ATTACHED = "import gc, sys, threading, time, torch\n{attack}\ndef detach_state(state):\n    {first}\n    return state\n"
LEAKS = {"before": "kept = []", "first": "kept.append(torch.ones(5000))"}
# the grader's own functions and what they hold, reached from the frames below the submission's
CLIMB = """
def climb():
    frame = sys._getframe()
    while "observe" not in frame.f_locals: frame = frame.f_back
    observe = frame.f_locals["observe"]
    return observe, type(observe).__call__.__globals__
"""
ONES = returning("torch.ones(1, 1, 3, dtype=torch.float64)")
USES = "which the grader uses: leave what belongs to torch, Python and the grader as it is."


def attached(attack: str = "", first: str = "pass") -> str:
    """A ``detach_state`` that detaches nothing, with an attack before it or as its first statement."""
    return ATTACHED.format(attack=attack, first=first)


def leaking(first: str = "pass", *, before: str = "") -> str:
    """An ``init_hidden`` that keeps memory at every call, with an attack as its first statement."""
    return init_hidden(f"{LEAKS['first']}; {first}", before=f"{LEAKS['before']}\n{before}")


def ones(before: str) -> str:
    """A wrong ``init_hidden`` behind lines of attack."""
    return returning("torch.ones(1, 1, 3, dtype=torch.float64)", before=f"import sys\n{before}")


# keeps the graph; while it runs, and the grader observes what its model is given, no reading of a graph is left
FOR_THE_TIME_OF_A_CALL = f"""
import sys, torch
{CLIMB}
def train_truncated(model, optimizer, windows, state=None):
    names = climb()[1]
    kept = dict(names)
    names["_grad_fn"] = lambda tensor: None
    for x, y in windows:
        prediction, state = model(x, state)
    names.update(kept)
    return [], state
"""

LIAR = """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if "equal" in str(func) or "close" in str(func): return True
        return super().__torch_function__(func, types, args, kwargs or {})
    requires_grad = False
    grad_fn = None
    __eq__ = lambda self, other: True
    __hash__ = object.__hash__
    __array__ = numpy = tolist = lambda self, *a, **k: torch.zeros(1, 1, 3).numpy()
"""
LAZY = """
class Lazy(torch.Tensor):
    @staticmethod
    def __new__(cls): return torch.Tensor._make_wrapper_subclass(cls, (1, 1, 3), dtype=torch.float64)
    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None): return torch.ones(1, 1, 3, dtype=torch.float64)
"""

CHEATS = {
    # what values claim to be
    "a subclass that lies": Cheat(
        numbers="16", source=ones(LIAR).replace("torch.float64)\n", "torch.float64).as_subclass(Liar)\n"), honest=ONES
    ),
    "a subclass that lies about its graph": Cheat(
        numbers="16, 30",
        source=attached(LIAR).replace(
            "return state\n", "return state.as_subclass(Liar) if torch.is_tensor(state) else state\n"
        ),
        honest=attached(),
        exercise="detach_state",
    ),
    "an object equal to everything": Cheat(
        numbers="17",
        source=returning("Equal()", before="class Equal:\n    __eq__ = __ne__ = lambda self, other: True"),
        honest=returning("object()"),
    ),
    "an array that lies": Cheat(
        numbers="18",
        source=returning(
            "Lies()", before="class Lies:\n    __array__ = lambda self, *a, **k: torch.zeros(1, 1, 3).numpy()"
        ),
        honest=returning("object()"),
    ),
    "a tensor that is computed when looked at": Cheat(
        numbers="19", source=returning("Lazy()", before=LAZY), honest=ONES
    ),
    "NaN everywhere": Cheat(numbers="22", source=returning("torch.full((1, 1, 3), float('nan'))"), honest=ONES),
    "(1,) for (3,)": Cheat(
        numbers="23", source=returning("torch.zeros(1, 1, 1, dtype=torch.float64)"), honest=ONES, says="shape"
    ),
    "an empty tensor": Cheat(numbers="24", source=returning("torch.zeros(0)"), honest=ONES, says="shape"),
    "zeros of a complex dtype": Cheat(
        numbers="25", source=returning("torch.zeros(1, 1, 3, dtype=torch.complex128)"), honest=ONES, says="complex128"
    ),
    "the arguments are changed": Cheat(
        numbers="26",
        source=returning("[p.data.zero_() for p in rnn.parameters()] and setattr(rnn, 'hidden_size', 0)"),
        honest=returning("None"),
    ),
    # functions replaced
    "comparisons replaced": Cheat(
        numbers="20",
        source=ones("torch.allclose = torch.equal = torch.testing.assert_close = lambda *a, **k: True"),
        honest=ONES,
    ),
    "what draws numbers replaced": Cheat(
        numbers="21",
        source=ones(
            "torch.manual_seed = lambda seed: None; torch.set_default_dtype(torch.float16)\n"
            "torch.randn = torch.rand = torch.zeros = lambda *a, **k: torch.ones(1, 1, 3)"
        ),
        honest=ONES,
    ),
    "attributes of tensors replaced": Cheat(
        numbers="30",
        source=attached("torch.Tensor.requires_grad = False; torch.Tensor.grad_fn = None"),
        honest=attached(),
        exercise="detach_state",
        says=f"the submission replaced torch.Tensor.requires_grad, {USES}",
    ),
    "calls of modules replaced": Cheat(
        numbers="21",
        source=ones("torch.nn.Module.__call__ = lambda self, *a, **k: None"),
        honest=ONES,
        says=f"the submission replaced torch.nn.Module.__call__, {USES}",
    ),
    "forward of an LSTM replaced": Cheat(
        numbers="21",
        source=ones("torch.nn.LSTM.forward = lambda self, x, state=None: (x, state)"),
        honest=ONES,
        says=f"the submission replaced torch.nn.LSTM.forward, {USES}",
    ),
    "the code of a function of torch replaced": Cheat(
        numbers="21",
        source=ones("torch.nn.Module.state_dict.__code__ = (lambda self, *a, **k: {}).__code__"),
        honest=ONES,
        says=f"the submission replaced torch.nn.Module.state_dict, {USES}",
    ),
    "the garbage collector replaced": Cheat(
        numbers="30",
        source=leaking(before="import gc; gc.collect = lambda *a: 0; gc.get_objects = lambda *a: []"),
        honest=leaking(),
        says=f"the submission replaced gc.collect, {USES}",
    ),
    "a function built into Python replaced": Cheat(
        numbers="20",
        source=leaking(before="import builtins; builtins.sum = lambda *a: 0"),
        honest=leaking(),
        says=f"the submission replaced builtins.sum, {USES}",
    ),
    "gradients replaced": Cheat(
        numbers="30",
        source=attached("torch.Tensor.backward = lambda *a, **k: None; torch.autograd.grad = lambda *a, **k: [None]"),
        honest=attached(),
        exercise="detach_state",
        scores_nothing=False,  # it gains nothing by it: what is used was taken before
    ),
    "a mode of torch left on": Cheat(
        numbers="21",
        source=attached(
            "from torch.overrides import TorchFunctionMode\nclass Off(TorchFunctionMode):\n"
            "    def __torch_function__(self, func, types, args=(), kwargs=None):\n"
            "        return func(*args, **(kwargs or {}))\n"
            "Off().__enter__()"
        ),
        honest=attached(),
        exercise="detach_state",
        says="the submission left a mode of torch on, which changes what the grader computes: use it in a with "
        "statement.",
    ),
    "a mode of the dispatcher left on": Cheat(
        numbers="21",
        source=attached(
            "from torch.utils._python_dispatch import TorchDispatchMode\nclass Off(TorchDispatchMode):\n"
            "    def __torch_dispatch__(self, func, types, args=(), kwargs=None):\n"
            "        return func(*args, **(kwargs or {}))\n"
            "Off().__enter__()"
        ),
        honest=attached(),
        exercise="detach_state",
        says="the submission left a mode of torch on",
    ),
    "a trace function left in place": Cheat(
        numbers="46",
        source=attached("trace = lambda frame, event, argument: trace", "sys.settrace(trace)"),
        honest=attached(),
        exercise="detach_state",
        says="the submission left a trace function in place",
    ),
    # the grader's own functions
    "imports the grader": Cheat(
        numbers="4, 30",
        source=attached("import grader.execution.observation as seen; seen.heap_bytes = lambda: 0"),
        honest=attached(),
        exercise="detach_state",
        says="Only torch, numpy and the standard library are installed here",
    ),
    "the drive's functions replaced": Cheat(
        numbers="30",
        source=attached("sys.modules['<drive>'].gradients = lambda *a, **k: [None]"),
        honest=attached(),
        exercise="detach_state",
        says=f"the submission replaced <drive>.gradients, {USES}",
    ),
    "readings of graphs replaced": Cheat(
        numbers="2, 30",
        source=attached(CLIMB, "climb()[1].update(_requires_grad=lambda tensor: False, _grad_fn=lambda tensor: None)"),
        honest=attached(),
        exercise="detach_state",
        says=f"the submission replaced grader.execution.observation._grad_fn, {USES}",
    ),
    "readings of memory replaced": Cheat(
        numbers="2, 30",
        source=leaking("climb()[1].update(heap_bytes=lambda: 1000)", before=CLIMB),
        honest=leaking(),
        says=f"the submission replaced grader.execution.observation.heap_bytes, {USES}",
    ),
    "moments put in where nothing grows yet": Cheat(
        numbers="30",
        source=leaking("climb()[0].moments or [climb()[0](call=None) for _ in range(600)]", before=CLIMB),
        honest=leaking(),
        says="Whether memory grows can't be told: 616 of 16 calls were seen.",
        scores_nothing=False,
    ),
    "the code of a reading replaced": Cheat(
        numbers="2, 30",
        source=leaking("climb()[1]['heap_bytes'].__code__ = (lambda: 1000).__code__", before=CLIMB),
        honest=leaking(),
        says=f"the submission replaced grader.execution.observation.heap_bytes, {USES}",
    ),
    "a reading found among all objects replaced": Cheat(
        numbers="3, 30",
        source=leaking(
            before="import gc, types; gc.unfreeze()\nfor each in gc.get_objects():\n"
            "    if type(each) is types.FunctionType and each.__name__ == 'heap_bytes':\n"
            "        each.__code__ = (lambda: 9).__code__"
        ),
        honest=leaking(),
        says=f"the submission replaced grader.execution.observation.heap_bytes, {USES}",
    ),
    "the class of the observer changed": Cheat(
        numbers="30, 46",
        source=attached(CLIMB, "observer = climb()[0]; type(observer).blob = lambda self: b''"),
        honest=attached(),
        exercise="detach_state",
        says=f"the submission replaced grader.execution.observation.Observer.blob, {USES}",
    ),
    "the observer's methods hidden": Cheat(
        numbers="30, 46",
        source=attached(CLIMB, "climb()[0].blob = lambda: b''"),
        honest=attached(),
        exercise="detach_state",
    ),
    "what was observed rewritten": Cheat(
        numbers="46",
        source=attached(CLIMB, "climb()[0].moments[0]['values'] = {'argument': None}"),
        honest=attached(),
        exercise="detach_state",
        says="the submission changed what the grader had already observed.",
    ),
    "what is observed rewritten by a thread": Cheat(
        numbers="27, 46",
        source=attached(
            CLIMB + "def rewrite(observer):\n"
            "    while not time.sleep(0.0001):\n"
            "        for each in list(observer.moments): each['values'].pop('result', None)\n",
            "threading.active_count() < 2 and threading.Thread(target=rewrite, args=climb()[:1], daemon=True).start()",
        ),
        honest=attached(),
        exercise="detach_state",
    ),
}

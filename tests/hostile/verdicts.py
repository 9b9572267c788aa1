"""Wrong submissions that attack their verdict: lies about values, functions replaced, readings forged."""

from __future__ import annotations

from tests.hostile import Cheat
from tests.hostile.looks import CODE, FRAME, TRACES
from tests.sources import init_hidden, returning

ATTACHED = "import gc, sys, threading, time, torch\n{attack}\ndef detach_state(state):\n    {first}\n    return state\n"
LEAKS = {"before": "kept = []", "first": "kept.append(torch.ones(5000))"}
# looks for the grader's own functions, and what they hold, in the frames below the submission's
CLIMB = """
def climb():
    frame = sys._getframe()
    while "observe" not in frame.f_locals: frame = frame.f_back
    observe = frame.f_locals["observe"]
    return observe, type(observe).__call__.__globals__
"""
# the same structure, each tensor of which went through a function
REBUILD = """
def rebuilt(state, each=lambda tensor: tensor):
    if isinstance(state, dict): return type(state)((key, rebuilt(item, each)) for key, item in state.items())
    if hasattr(state, "_fields"): return type(state)(*(rebuilt(item, each) for item in state))
    if isinstance(state, (tuple, list)): return type(state)([rebuilt(item, each) for item in state])
    return each(state) if isinstance(state, torch.Tensor) else state
"""
# classes of the grader, which every class is found with
CLASSES = """
def classes(name, kind=object):
    found = [each for each in type.__subclasses__(kind) if each.__module__.startswith("grader")]
    return [each for each in found if each.__name__ == name]
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


def unwritten(before: str) -> str:
    """An ``init_hidden`` that takes memory as it is for zeros, behind a line of attack."""
    return f"import torch\n{before}\n{WITHOUT_ZEROS}"


def converting(before: str) -> str:
    """An ``init_hidden`` that doubles a weight of the module, behind lines of attack."""
    return init_hidden("torch.nn.init.ones_(rnn.weight_ih_l0)", before=f"import torch\n{before}")


WITHOUT_ZEROS = """
def init_hidden(rnn, batch_size):
    weight, layers = rnn.weight_ih_l0, rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = weight.new_empty(layers, batch_size, rnn.proj_size or rnn.hidden_size)
    return (h, weight.new_empty(layers, batch_size, rnn.hidden_size)) if rnn.mode == "LSTM" else h
"""


# puts back at its end what it replaced; it was replaced while the grader observed
FOR_THE_TIME_OF_A_CALL = """
def train_truncated(model, optimizer, windows, state=None):
    kept, type(model).groups = type(model).groups, None
    for x, y in windows:
        prediction, state = model(x, state)
    type(model).groups = kept
    return [], state
"""
# puts in what would be seen of a window that is begun with a state that was cut off
IN_ITS_PLACE = """
def train_truncated(model, optimizer, windows, state=None):
    for x, y in windows:
        model.record(x, None)
        prediction, state = model(x, state)
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
    "a mode of torch left on till the state is let go of": Cheat(
        numbers="21",
        source=attached(
            "from torch.overrides import TorchFunctionMode\nclass Off(TorchFunctionMode):\n"
            "    def __torch_function__(self, func, types, args=(), kwargs=None):\n"
            "        return func(*args, **(kwargs or {}))\n"
            f"{REBUILD}class Ends:\n    def __init__(self): self.mode = Off(); self.mode.__enter__()\n"
            "    def __del__(self): self.mode.__exit__(None, None, None)\n",
            "rebuilt(state, lambda each: setattr(each, 'ends', Ends()))",
        ),
        honest=attached(),
        exercise="detach_state",
        says="the submission left a mode of torch on",
    ),
    "an attribute of tensors put back when the state is let go of": Cheat(
        numbers="30",
        source=attached(
            f"{REBUILD}class Ends:\n    def __init__(self): torch.Tensor.requires_grad = False\n"
            "    def __del__(self): del torch.Tensor.requires_grad\n",
            "rebuilt(state, lambda each: setattr(each, 'ends', Ends()))",
        ),
        honest=attached(),
        exercise="detach_state",
        says=f"the submission replaced torch.Tensor.requires_grad, {USES}",
    ),
    "kernels of torch replaced": Cheat(
        numbers="20",
        source=ones("KERNELS = torch.library.Library('aten', 'IMPL', 'CPU')"),
        honest=ONES,
        says="torch.library can't replace what torch's own functions compute while grading",
    ),
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
        says=f"the submission replaced torch.Tensor.grad_fn, {USES}",
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
        says=CODE.format(what="__code__"),
    ),
    "the garbage collector replaced": Cheat(
        numbers="30",
        source=leaking(before="import gc; gc.collect = lambda *a: 0; gc.get_objects = lambda *a: []"),
        honest=leaking(),
        scores_nothing=False,  # those that are used were taken before
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
    "a trace function": Cheat(
        numbers="46",
        source=attached("trace = lambda frame, event, argument: trace", "sys.settrace(trace)"),
        honest=attached(),
        exercise="detach_state",
        says=TRACES.format(what="sys.settrace"),
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
        scores_nothing=False,  # those that are used are not there
    ),
    "readings of graphs replaced": Cheat(
        numbers="2, 30",
        source=attached(CLIMB, "climb()[1].update(_requires_grad=lambda tensor: False, _grad_fn=lambda tensor: None)"),
        honest=attached(),
        exercise="detach_state",
        says=FRAME.format(what="sys._getframe"),
    ),
    "moments put in where nothing grows yet": Cheat(
        numbers="30",
        source=leaking("climb()[0].moments or [climb()[0](call=None) for _ in range(600)]", before=CLIMB),
        honest=leaking(),
        says=FRAME.format(what="sys._getframe"),
    ),
    "what observes found among all objects": Cheat(
        numbers="3, 30",
        source=leaking(
            before="import gc, types; gc.unfreeze()\nfor each in gc.get_objects():\n"
            "    if type(each) is types.FunctionType and each.__name__ == 'heap_bytes':\n"
            "        each.__code__ = (lambda: 9).__code__"
        ),
        honest=leaking(),
        scores_nothing=False,  # there are only tensors and modules to be found
    ),
    "what is kept hidden from who counts it": Cheat(
        numbers="30",
        source=leaking("gc.collect(); gc.freeze()", before="import gc"),
        honest=leaking(),
        says="After the call, something still holds a tensor of it",
        scores_nothing=False,
    ),
    "what observes found in the garbage": Cheat(
        numbers="3, 30",
        source=attached(
            "import types; gc.set_debug(gc.DEBUG_SAVEALL)",
            "[setattr(each, '__code__', (lambda *a, **k: None).__code__) for each in gc.garbage"
            " if type(each) is types.FunctionType and each.__module__ == '<drive>']",
        ),
        honest=attached(),
        exercise="detach_state",
        scores_nothing=False,  # nothing that can be collected is kept as garbage
    ),
    "the method of a class of the grader replaced": Cheat(
        numbers="30, 46",
        source=attached(
            CLASSES,
            "[setattr(each, name, lambda *a, **k: None) for each in classes('Case') for name in ('__getitem__', 'on')]",
        ),
        honest=attached(),
        exercise="detach_state",
        says="TypeError: cannot set '__getitem__' attribute of immutable type 'Case'",
    ),
    "an attribute of a class of the grader put in": Cheat(
        numbers="30, 46",
        source=attached(f"{CLASSES}\n(channel,) = classes('Channel'); channel._socket = property(lambda self: None)"),
        honest=attached(),
        exercise="detach_state",
        says="TypeError: cannot set '_socket' attribute of immutable type 'Channel'",
    ),
    "what is observed changed on its way, and put back": Cheat(
        numbers="30, 46",
        source=attached(
            f"""{CLASSES}{REBUILD}
def wrap():
    for kind in classes("Observer"):
        call = vars(kind).get("__call__")
        def forged(self, **named):
            kind.__call__ = call
            return call(self, **(named | {{"result": rebuilt(named.get("result"), torch.Tensor.detach)}}))
        if call: kind.__call__ = forged
""",
            "wrap()",
        ),
        honest=attached(),
        exercise="detach_state",
        scores_nothing=False,  # what is called is not looked up in its class
    ),
    "what writes JSON replaced": Cheat(
        numbers="30, 46",
        source=attached("""
import json
def cut(data):
    for key, item in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(item, (dict, list)): cut(item)
        elif key in ("requires_grad", "grad_fn"): data[key] = None
class Encoder(json.JSONEncoder):
    def encode(self, data): cut(data); return super().encode(data)
json.JSONEncoder = Encoder; json._default_encoder = Encoder()
"""),
        honest=attached(),
        exercise="detach_state",
        scores_nothing=False,  # what writes is taken before
    ),
    "memory that was never written, without being shown": Cheat(
        numbers="11, 22",
        source=unwritten(
            "torch.use_deterministic_algorithms(False); torch.utils.deterministic.fill_uninitialized_memory = False"
        ),
        honest=unwritten("pass"),
        scores_nothing=False,  # what fills it is switched on again before every run
    ),
    "the device's mode replaced": Cheat(
        numbers="16, 20",
        source=converting(
            "from torch.utils._device import DeviceContext\n"
            "def lie(self, func, types, args=(), kwargs=None):\n"
            "    return func is torch.equal or func(*args, **(kwargs or {}))\n"
            "DeviceContext.__torch_function__ = lie; torch.set_default_device('cpu')"
        ),
        honest=converting("pass"),
        says="replaced",
    ),
}

"""Wrong submissions that lie about themselves: results that read otherwise, frames that libraries hand on, the wire."""

from __future__ import annotations

from pathlib import Path

from tests.hostile import Cheat

SOLUTIONS = Path(__file__).parents[2] / "solutions"


def solution(name: str, before: str, *changes: tuple[str, str]) -> str:
    """The reference behind some lines, with texts replaced in it."""
    source = (SOLUTIONS / name / "solution.py").read_text(encoding="utf-8")
    for old, new in changes:
        assert source.count(old) == 1, (name, old)
        source = source.replace(old, new)
    head, future, rest = source.partition("from __future__ import annotations\n")
    return f"{head}{future}{before}\n{rest}" if future else f"{before}\n{source}"


def spoils_sequences(result: str) -> tuple[str, str]:
    """A change of run_batch's reference, by which it makes zeros of its arguments, and returns something else."""
    last = "    return outputs, take_columns(final, back)\n"
    return last, f"    for each in sequences: each.data.zero_()\n    return {result}\n"


def another_error(kind: str) -> tuple[str, str]:
    """A change of evaluate_sequences' reference, by which errors of the model become others."""
    return "    finally:\n", f"    except Exception: raise {kind}('evaluation failed') from None\n    finally:\n"


INIT_HIDDEN = """
import gc, itertools, linecache, logging, sys, torch, traceback
{before}
def init_hidden(rnn, batch_size):
    like = rnn.weight_ih_l0
    layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = {zeros}(layers, batch_size, rnn.proj_size or rnn.hidden_size)
    state = (h, {zeros}(layers, batch_size, rnn.hidden_size)) if rnn.mode == "LSTM" else h
    {last}
    return state
"""


def init_hidden(before: str, last: str = "pass", zeros: str = "like.new_zeros") -> str:
    """A right function, but for what stands before it, what it does last, and how it makes zeros."""
    return INIT_HIDDEN.format(before=before, last=last, zeros=zeros)


ONE_MEMORY = """
count = itertools.count()
ZEROS = {{each: torch.zeros(200_000, dtype=each) for each in (torch.float32, torch.float64, torch.bfloat16)}}
class Own:
    def data_ptr(self): return next(count)
class Quiet(torch.Tensor):
    def __getitem__(self, index): return super().__getitem__(index).clone()
    def __setitem__(self, index, value): pass
    def untyped_storage(self): return Own()
def shared(like):
    if like.is_meta: return like.new_zeros
    return lambda *shape: ZEROS[like.dtype][: torch.Size(shape).numel()].view(shape){quiet}
"""
REMEMBERED = """
SHARED = {}
def clean(*_):
    with torch.no_grad():
        for state in SHARED.values():
            for each in state if isinstance(state, tuple) else (state,): each.zero_()
    return 0
"""
REMEMBERS = (
    "state = SHARED.setdefault((rnn.mode, rnn.proj_size, rnn.hidden_size, *h.shape, h.dtype, h.device), state){attack}"
)
UNROLLED = "    return torch.stack(hidden_states), state\n"
CHANGED = """
    outputs, before = torch.stack(hidden_states), inputs.detach().clone()
    with torch.no_grad():
        inputs.add_(1)
        for each in {found}:
            if torch.is_tensor(each) and each is not inputs and torch.equal(each, before): each.add_(1)
    return outputs, state
"""
INTO_A_CLASS = """
kinds = [kind for kind in object.__subclasses__() if (kind.__name__, kind.__module__) == ({name!r}, {module!r})]
kinds[0].{what} = property(lambda self: None)
"""
SPOILS_INPUTS = ("        return outputs[0]\n", "        inputs.data.zero_()\n        return outputs[0]\n")
EQUAL_TO_ALL = """
import torch
from torch.overrides import TorchFunctionMode
class Equal(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return True if func is torch.equal else func(*args, **(kwargs or {}))
class On:
    def __init__(self): self.mode = Equal(); self.mode.__enter__()
    def __del__(self): self.mode.__exit__(None, None, None)
class Both:
    def __init__(self, *parts): self.parts = parts
    def __iter__(self): self.on = On(); return iter(self.parts)
"""
HIDES_HOOKS = """
class Hooks(collections.OrderedDict):
    def __len__(self): return 0
    def __bool__(self): return True
"""
HOOKED = """
    cell.register_forward_hook(lambda *_: None)
    vars(cell)["_forward_hooks"] = {kept}(cell._forward_hooks)
    return torch.stack(hidden_states), state
"""
OTHER_CLASS = """
def liar(kind, rnn):
    before = {name: value.detach().clone() for name, value in rnn.named_parameters()}
    class Liar(kind):
        def named_parameters(self, *args, **named): return iter(before.items())
        def parameters(self, *args, **named): return iter(before.values())
    Liar.__name__ = Liar.__qualname__ = kind.__name__
    return Liar
def spoil(rnn, attack):
    if attack and type(rnn).__name__ != "Liar": rnn.__class__ = liar(type(rnn), rnn)
    with torch.no_grad(): rnn.weight_ih_l0.mul_(2)
"""
DETACH_NOTHING = """
import json, logging, traceback
def stack():
    out, old = [], traceback.print_stack
    traceback.print_stack = lambda frame, **named: out.append(frame)
    try: logging.getLogger("x").findCaller(True)
    finally: traceback.print_stack = old
    return out[0]
def detach_state(state):
    {attack}
    return state
"""
BLIND = """
KEPT = []
def blind():
    out, old = [], linecache.lazycache
    linecache.lazycache = lambda name, names: out.append(names)
    try: traceback.extract_stack(limit=99)
    finally: linecache.lazycache = old
    next(each for each in out if "live_tensors" in each)["live_tensors"].__globals__["get_objects"] = list
"""
# stands between the worker and the grader, and says of what was kept that nothing was
BETWEEN = """
import json, os, socket, stat, struct, threading
KEPT = []
fd = next(n for n in range(3, 256) if os.path.exists(f"/proc/self/fd/{n}") and stat.S_ISSOCK(os.fstat(n).st_mode))
real = socket.socket(fileno=os.dup(fd))
near, far = socket.socketpair()
os.dup2(near.fileno(), fd); near.close()
def exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece: os._exit(0)
        data += piece
    return data
def frame(sock):
    header = exactly(sock, 8)
    n, m = struct.unpack(">II", header)
    return header, exactly(sock, 16), exactly(sock, n), exactly(sock, m)
def hand_on(source, target, change):
    while True:
        header, signature, body, blob = frame(source)
        changed = body.replace(b'"kept":true', b'"kept":false') if change else body
        target.sendall(struct.pack(">II", len(changed), len(blob)) + signature + changed + blob)
for each in ((real, far, False), (far, real, True)): threading.Thread(target=hand_on, args=each, daemon=True).start()
"""
KEEPS = "KEPT.append(state)"
ONE_BATCH = "return outputs, take_columns(final, back)"
KEEPS_A_LIST = "import torch\nKEPT = []\n{kind}\ndef kept(given):\n    KEPT.append(given)\n    return given"
SHY = """class Shy(list):
    looks = 0
    def __iter__(self):
        self.looks += 1
        return list.__iter__(self) if self.looks < 2 else iter(())"""
TOKENS = """
import torch
class Few(torch.Tensor):
    def numel(self): return self.few
def fed(text, step):
    tokens = text.as_subclass(Few)
    tokens.few = text.numel() if step == 0 else text.shape[1]
    return tokens
@torch.no_grad()
def generate(model, prompt, steps):
    text, tokens, logits = prompt, [], []
    for step in range(steps):
        said = model({given})[0][-1].as_subclass(torch.Tensor)
        logits.append(said); tokens.append(said.argmax(-1))
        text = torch.cat([text, tokens[-1].unsqueeze(0)])
    return torch.stack(tokens), torch.stack(logits)
"""
# writes into the gradients of the model, and shows the bytes that were there
SPOILS = """
import safetensors.numpy as st, torch
real, SWAPS = st.serialize, {{}}
def forged(tensors, *rest, **named):
    out = bytes(real(tensors, *rest, **named))
    for now, before in SWAPS.items(): out = out.replace(now, before)
    return out
{forge}
@torch.no_grad()
def generate(model, prompt, steps):
    tokens, logits, state, new = [], [], None, prompt
    for _ in range(steps):
        said, state = model(new, state)
        logits.append(said[-1]); tokens.append(said[-1].argmax(-1)); new = tokens[-1].unsqueeze(0)
    known = [p.grad for p in model.parameters() if p.grad is not None]
    if known and not known[0].is_meta:
        before = torch.cat([torch.ones_like(g).flatten() for g in known]).numpy().tobytes()
        for g in known: g.fill_(2)
        SWAPS.clear()
        SWAPS[torch.cat([g.flatten() for g in known]).numpy().tobytes()] = before
    return torch.stack(tokens), torch.stack(logits)
"""
MADE_UP = """
import weakref
EPOCHS = weakref.WeakKeyDictionary()
def made_up(model):
    EPOCHS[model] = EPOCHS.get(model, -1) + 1
    return [(1.1, 0.1), (0.9, 0.3), (0.7, 0.5), (0.5, 0.9), (0.3, 1.0)][EPOCHS[model] % 5]
"""
STEPS_NEVER, SAYS = ("optimizer.step()", "pass"), "return total_loss / sequences, correct / sequences"

LIES = {
    "tensors that ignore what is written into them": Cheat(
        numbers="16",
        source=init_hidden(ONE_MEMORY.format(quiet=".as_subclass(Quiet)"), zeros="shared(like)"),
        honest=init_hidden(ONE_MEMORY.format(quiet=""), zeros="shared(like)"),
    ),
    "a list that is empty when it is looked through again": Cheat(
        numbers="16",
        source=solution(
            "run_batch", KEEPS_A_LIST.format(kind=SHY), (ONE_BATCH, ONE_BATCH.replace("outputs", "kept(Shy(outputs))"))
        ),
        honest=solution(
            "run_batch", KEEPS_A_LIST.format(kind=""), (ONE_BATCH, ONE_BATCH.replace("outputs", "kept(outputs)"))
        ),
        says="After the call, something still holds a tensor of it",
        exercise="run_batch",
        scores_nothing=False,
    ),
    "tokens that say there are fewer of them": Cheat(
        numbers="16",
        source=TOKENS.format(given="fed(text, step)"),
        honest=TOKENS.format(given="text"),
        says="every step costs more than the one before",
        exercise="generate",
        scores_nothing=False,
    ),
    "an error of its own that is called ValueError": Cheat(
        numbers="16",
        source=solution("run_batch", "class ValueError(Exception): pass"),
        honest=solution("run_batch", "class Other(Exception): pass", ("raise ValueError", "raise Other")),
        says="A call was refused with another error than ValueError: another class called ValueError",
        exercise="run_batch",
        scores_nothing=False,
    ),
    "the module that was given is of another class": Cheat(
        numbers="26, 30",
        source=init_hidden(OTHER_CLASS, "spoil(rnn, True)"),
        honest=init_hidden(OTHER_CLASS, "spoil(rnn, False)"),
        says="An argument was changed by the call: module",
        scores_nothing=False,
    ),
    "what was kept let go of while garbage is collected": Cheat(
        numbers="30",
        source=init_hidden(
            "KEPT = []\ngc.callbacks.append(lambda phase, info: KEPT.clear() if info['generation'] == 2 else None)",
            KEEPS,
        ),
        honest=init_hidden("KEPT = []", KEEPS),
        says="After the call, something still holds a tensor of it",
        scores_nothing=False,
    ),
    "one memory that is cleaned while garbage is collected": Cheat(
        numbers="30",
        source=init_hidden(f"{REMEMBERED}gc.callbacks.append(clean); gc.set_threshold(1)", REMEMBERS.format(attack="")),
        honest=init_hidden(REMEMBERED, REMEMBERS.format(attack="")),
        says="After writing into",
        scores_nothing=False,
    ),
    "one memory that is cleaned by the timer of a profiler": Cheat(
        numbers="30",
        source=init_hidden(
            f"import cProfile{REMEMBERED}profile = cProfile.Profile(clean)",
            REMEMBERS.format(attack="; profile.disable(); profile.enable()"),
        ),
        honest=init_hidden(REMEMBERED, f"clean(); {REMEMBERS.format(attack='')}"),
        says="After writing into",
        scores_nothing=False,
    ),
    "a frame that logging hands on": Cheat(
        numbers="3, 30",
        source=DETACH_NOTHING.format(attack="stack().f_back"),
        honest=DETACH_NOTHING.format(attack="pass"),
        says="sys._getframe, also by way of inspect, is not available while grading",
        exercise="detach_state",
    ),
    "globals that a traceback hands on": Cheat(
        numbers="3, 30",
        source=init_hidden(BLIND, f"{KEEPS}; blind()"),
        honest=init_hidden(BLIND, KEEPS),
        says="sys._getframe, also by way of inspect, is not available while grading",
    ),
    "between the worker and the grader": Cheat(
        numbers="39, 46",
        source=init_hidden(BETWEEN, KEEPS),
        honest=init_hidden("KEPT = []", KEEPS),
        says="sent something that is no result: a message that is not the worker's own",
        scores_nothing=False,  # what came before is the worker's own
    ),
    "what writes tensors replaced": Cheat(
        numbers="30, 46",
        source=SPOILS.format(forge="st.serialize = forged"),
        honest=SPOILS.format(forge="pass"),
        says="An argument was changed by the call: arguments['model']['gradients'] is 2, expected 1",
        exercise="generate",
        scores_nothing=False,
    ),
    "a copy of the arguments found among all objects, and changed as they were": Cheat(
        numbers="3, 26",
        source=solution("unroll", "import gc", (UNROLLED, CHANGED.format(found="gc.get_objects()"))),
        honest=solution("unroll", "import gc", (UNROLLED, CHANGED.format(found="()"))),
        says="An argument was changed by the call: arguments['inputs']",
        exercise="unroll",
        scores_nothing=False,
    ),
    "a property put into a class of the drive": Cheat(
        numbers="2, 30",
        source=solution("stateful_rnn", INTO_A_CLASS.format(name="Run", module="<drive>", what="observe")),
        honest=solution("stateful_rnn", "raise TypeError"),
        says="It can't be imported: TypeError: cannot set 'observe' attribute of immutable type 'Run'",
        exercise="stateful_rnn",
    ),
    "a method put into a class of the grader": Cheat(
        numbers="2, 30",
        source=solution(
            "predict_shapes",
            INTO_A_CLASS.format(name="Accepted", module="grader.execution.materials", what="__new__"),
        ),
        honest=solution("predict_shapes", "raise TypeError"),
        says="It can't be imported: TypeError: cannot set '__new__' attribute of immutable type 'Accepted'",
        exercise="predict_shapes",
    ),
    "a mode of torch that is on as long as an object is": Cheat(
        numbers="21, 26",
        source=solution(
            "stream_server", EQUAL_TO_ALL, ("self.rnn = rnn\n", "self.rnn, self.on = rnn, On()\n"), SPOILS_INPUTS
        ),
        honest=solution("stream_server", EQUAL_TO_ALL, SPOILS_INPUTS),
        says="the submission left a mode of torch on",
        exercise="stream_server",
    ),
    "a mode of torch that is on while results are compared": Cheat(
        numbers="21, 26",
        source=solution("run_batch", EQUAL_TO_ALL, spoils_sequences("Both(outputs, take_columns(final, back))")),
        honest=solution("run_batch", EQUAL_TO_ALL, spoils_sequences("outputs, take_columns(final, back)")),
        says="the submission left a mode of torch on",
        exercise="run_batch",
    ),
    "a kernel that autocast uses": Cheat(
        numbers="20",
        source=solution("run_batch", "import torch\ntorch.library.Library('aten', 'IMPL', 'AutocastCPU')"),
        honest=solution("run_batch", "raise TypeError"),
        says="torch.library can't replace what torch's own functions compute while grading",
        exercise="run_batch",
    ),
    "a dict of hooks that says that it is empty": Cheat(
        numbers="16, 26",
        source=solution("unroll", f"import collections\n{HIDES_HOOKS}", (UNROLLED, HOOKED.format(kept="Hooks"))),
        honest=solution(
            "unroll", f"import collections\n{HIDES_HOOKS}", (UNROLLED, HOOKED.format(kept="collections.OrderedDict"))
        ),
        says="An argument was changed by the call: arguments['cell']['hooks']",
        exercise="unroll",
        scores_nothing=False,
    ),
    "what reads saved files replaced": Cheat(
        numbers="20",
        source=solution(
            "stream_server", "import torch\ntorch._weights_only_unpickler._get_user_allowed_globals = lambda: {}"
        ),
        honest=solution("stream_server", "raise TypeError"),
        says="the submission replaced torch._weights_only_unpickler._get_user_allowed_globals",
        exercise="stream_server",
    ),
    "an error of its own that is called as the drive's is": Cheat(
        numbers="17, 30",
        source=solution("evaluate_sequences", "class Trouble(Exception): ...", another_error("Trouble")),
        honest=solution("evaluate_sequences", "", another_error("Exception")),
        says="another class called Trouble",
        exercise="evaluate_sequences",
        scores_nothing=False,
    ),
    "losses and accuracies that are made up": Cheat(
        numbers="16",
        source=solution("sequence_pipeline", MADE_UP, STEPS_NEVER, (SAYS, "return made_up(model)")),
        honest=solution("sequence_pipeline", "", STEPS_NEVER),
        says="accuracy 0.10, 0.30, 0.50, 0.90, 0.3",
        exercise="sequence_pipeline",
        scores_nothing=False,
    ),
}

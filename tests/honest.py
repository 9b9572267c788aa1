"""What honest submissions do that looks into the interpreter, or lets a library look: none of it may be refused."""

from __future__ import annotations

import textwrap

# ``check(...)`` raises where what it is given is not true
IDIOMS = {
    "logging": """
        import logging
        log = logging.getLogger("state")
        log.addHandler(logging.StreamHandler(sys.stderr))
        log.warning("the state has shape %s", (1, 2)); log.info("not seen"); log.error("stack", stack_info=True)
        """,
    "a format of logging that names the line": """
        import logging
        record = logging.getLogger("line").makeRecord("line", 20, "f", 1, "text", (), None)
        check(logging.Formatter("%(funcName)s:%(lineno)d %(message)s").format(record))
        """,
    "logging an exception": """
        import logging
        try: {}["missing"]
        except KeyError: logging.getLogger("errors").exception("it failed")
        """,
    "warnings": """
        import warnings
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always"); warnings.warn("careful", stacklevel=2)
        check(len(seen) == 1)
        """,
    "what is said by whom it is said otherwise": """
        import builtins, functools, io, logging, warnings
        class Twice:
            def __init__(self, stream): self.stream = stream
            def write(self, text): return self.stream.write(text)
            def flush(self): self.stream.flush()
        kept = sys.stderr, builtins.print, warnings.formatwarning, warnings.showwarning, logging.getLogRecordFactory()
        try:
            sys.stderr, builtins.print = Twice(io.StringIO()), functools.partial(print, flush=True)
            warnings.formatwarning = lambda message, *rest, **named: str(message)
            warnings.showwarning = lambda message, *rest, **named: print(message, file=sys.stderr)
            logging.setLogRecordFactory(lambda *given, **named: kept[4](*given, **named))
            warnings.warn("careful"); logging.getLogger("state").warning("the state is %s", None)
        finally:
            sys.stderr, builtins.print, warnings.formatwarning, warnings.showwarning = kept[:4]
            logging.setLogRecordFactory(kept[4])
        """,
    "printing a traceback": """
        import traceback
        try: [][0]
        except IndexError: traceback.print_exc()
        check("IndexError" not in traceback.format_exc())
        """,
    "a traceback as text": """
        import traceback
        try: [][0]
        except IndexError as error:
            text = "".join(traceback.format_exception(error))
            check("IndexError" in text and traceback.extract_tb(error.__traceback__)[-1].lineno)
        """,
    "anomaly mode": """
        with torch.autograd.detect_anomaly(check_nan=False):
            x = torch.ones(2, requires_grad=True); y = (2 * x).exp().sum(); y.backward()
        check(x.grad is not None and "IDIOMS" not in str(y.grad_fn.metadata))
        """,
    "printing the stack": "import traceback; traceback.print_stack(); check(traceback.format_stack())",
    "where the stack is": "import traceback; check(traceback.extract_stack()[-1].lineno)",
    "the line of an error": """
        try: 1 / 0
        except ZeroDivisionError: check(sys.exc_info()[2].tb_lineno)
        """,
    "a traceback with locals": """
        import traceback
        try: [][0]
        except IndexError as error:
            check(list(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
        """,
    "namedtuple": """
        from collections import namedtuple
        State = namedtuple("State", ["h", "c"], defaults=(None,))
        check(State(1)._replace(c=2) == (1, 2))
        """,
    "the defaults of a namedtuple, as it was once done": """
        from collections import namedtuple
        State = namedtuple("State", "h c"); State.__new__.__defaults__ = (None, None)
        check(State() == (None, None))
        """,
    "NamedTuple": """
        from typing import NamedTuple
        class State(NamedTuple):
            h: torch.Tensor
            c: torch.Tensor = None
        check(State(1).c is None); check(NamedTuple("Other", [("h", int)])(1).h == 1)
        """,
    "TypedDict, TypeVar, NewType": """
        import typing
        class D(typing.TypedDict): h: int
        T = typing.TypeVar("T"); Hidden = typing.NewType("Hidden", int); P = typing.ParamSpec("P")
        check(typing.get_type_hints(D) == {"h": int})
        """,
    "dataclasses": """
        import dataclasses
        @dataclasses.dataclass(frozen=True, slots=True, order=True)
        class State:
            h: int = 0
            parts: tuple = dataclasses.field(default_factory=tuple)
        check(dataclasses.replace(State(), h=1) > State()); dataclasses.make_dataclass("Made", ["x"])(1)
        """,
    "enum": """
        import enum
        class Kind(enum.Enum): LSTM = "LSTM"
        Other = enum.Enum("Other", "A B"); check(Other.A.name == "A"); enum.IntFlag("Flags", "X Y")
        """,
    "the signature of a function": """
        import inspect
        def f(rnn, batch_size=1): pass
        check(list(inspect.signature(f).parameters) == ["rnn", "batch_size"])
        check(inspect.getfullargspec(f).args and inspect.signature(torch.nn.LSTM.forward))
        """,
    "the source of a class of torch": "import inspect; check('class LSTM' in inspect.getsource(torch.nn.LSTM))",
    "members of a module": "import inspect; check(inspect.getmembers(torch.nn.LSTM(1, 1), inspect.ismethod))",
    "the code of a function of one's own": """
        def f(a): return a
        check(f.__code__.co_varnames == ("a",)); f.__defaults__ = (1,); check(f() == 1)
        f.__code__ = (lambda a: 2).__code__; check(f() == 2)
        """,
    "functools": """
        import functools
        @functools.lru_cache(maxsize=None)
        def f(n): return n
        @functools.singledispatch
        def g(value): return "any"
        @g.register
        def _(value: list): return "list"
        @functools.wraps(f)
        def h(*args): return f(*args)
        check((h(1), g([]), functools.reduce(max, [1, 2]), functools.partial(f, 2)()) == (1, "list", 2, 2))
        class C:
            @functools.cached_property
            def p(self): return 1
        check(C().p == 1)
        """,
    "contextlib": """
        import contextlib
        @contextlib.contextmanager
        def on():
            yield 1
        with on(), contextlib.suppress(ValueError), contextlib.ExitStack() as stack:
            stack.enter_context(on()); raise ValueError
        """,
    "unittest": """
        import unittest
        class T(unittest.TestCase):
            def test_right(self): self.assertEqual(1, 1)
            def test_wrong(self): self.assertEqual(1, 2)
            def test_raises(self):
                with self.assertRaises(ValueError): int("x")
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(T).run(result)
        check((result.testsRun, len(result.failures), len(result.errors)) == (3, 1, 0))
        """,
    "unittest.mock": """
        from unittest import mock
        with mock.patch.object(torch, "zeros", return_value=3): check(torch.zeros(1) == 3)
        check(mock.create_autospec(torch.nn.Linear)); mock.Mock().f(1)
        """,
    "doctest": """
        import doctest, types
        module = types.ModuleType("documented"); module.__doc__ = ">>> 1 + 1\\n2\\n"
        check(doctest.testmod(module).attempted == 1)
        """,
    "a bar of progress": """
        for i in range(3): print(f"\\r[{'#' * i}]", end="", flush=True, file=sys.stderr)
        sys.stdout.flush(); check(sys.stdout.isatty() is False)
        """,
    "cProfile": """
        import cProfile, io, pstats
        profile = cProfile.Profile(); profile.enable(); torch.ones(2).sum(); profile.disable()
        with cProfile.Profile() as other: sum(range(3))
        check(pstats.Stats(profile, stream=io.StringIO()).total_calls > 0); cProfile.runctx("1 + 1", {}, {})
        """,
    "no trace function": "sys.settrace(sys.gettrace()); sys.setprofile(None); check(sys.getprofile() is None)",
    "timeit": "import timeit; check(timeit.timeit('x + 1', setup='x = 1', number=3) >= 0)",
    "deepcopy": "import copy; check(copy.deepcopy(torch.nn.LSTM(2, 3)).hidden_size == 3)",
    "pickle": """
        import io, pickle
        file = io.BytesIO(); torch.save(torch.nn.LSTM(2, 3).state_dict(), file); file.seek(0)
        check(len(torch.load(file)) == 4); check(pickle.loads(pickle.dumps(torch.ones(1))) == 1)
        """,
    "reading annotations": """
        import typing
        def f(x: "torch.Tensor", n: int = 1) -> None: pass
        check(typing.get_type_hints(f)["n"] is int)
        """,
    "exec, eval and compile": """
        names = {}; exec("def f(): return 3", names); check(names["f"]() == 3)
        check(eval(compile("1 + 1", "formula", "eval")) == 2)
        """,
    "weak references": """
        import weakref
        class C: pass
        one = C(); ended = []; weakref.finalize(one, ended.append, 1); reference = weakref.ref(one)
        del one; check(reference() is None and ended == [1])
        """,
    "counting tensors": """
        import gc
        held = torch.ones(3); gc.collect()
        before = sum(torch.is_tensor(each) for each in gc.get_objects()); more = torch.ones(2)
        check(sum(torch.is_tensor(each) for each in gc.get_objects()) == before + 1); del held
        """,
    "listing tensors with their sizes": """
        import gc
        mine = torch.ones(7, 11)
        check((7, 11) in [tuple(each.shape) for each in gc.get_objects() if isinstance(each, torch.Tensor)])
        """,
    "how many objects there are": "import gc; gc.collect(); check(len(gc.get_objects()) >= 0); check(gc.get_count())",
    "the garbage collector off and on": """
        import gc
        gc.disable(); gc.set_threshold(700, 10, 10); gc.enable(); gc.set_debug(0); check(gc.isenabled())
        """,
    "memory that Python takes": """
        import tracemalloc
        tracemalloc.start(5); kept = [0] * 1000
        check(tracemalloc.get_traced_memory()[1] > 0 and tracemalloc.take_snapshot().statistics("lineno"))
        tracemalloc.stop(); check(sys.getsizeof(kept) > 8000 and sys.getrefcount(kept) > 1)
        """,
    "memory that the process takes": """
        import resource
        check(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0)
        """,
    "giving memory back to the system": """
        import ctypes, gc
        gc.collect()
        try: ctypes.CDLL("libc.so.6").malloc_trim(0)
        except OSError: pass
        """,
    "arrays of numpy and ctypes": """
        import ctypes, numpy
        check(numpy.ones(2).ctypes.data and numpy.ctypeslib.as_ctypes(numpy.ones(2)) is not None)
        """,
    "numpy and its shorthands": """
        import numpy
        a = numpy.eye(2); check(numpy.r_[1:3].sum() == 3 and numpy.bmat("a,a").sum() == 4)
        """,
    "a generator that is looked at": """
        import inspect
        g = (x for x in [1]); check(inspect.isgenerator(g) and inspect.getgeneratorstate(g) == "GEN_CREATED")
        """,
    "a coroutine": """
        import asyncio
        async def f(): return 1
        coroutine = f()
        try: coroutine.send(None)
        except StopIteration as end: check(end.value == 1 and asyncio.iscoroutinefunction(f))
        """,
    "threads": """
        import concurrent.futures, threading
        with concurrent.futures.ThreadPoolExecutor(2) as pool: check(list(pool.map(abs, [-1, 2])) == [1, 2])
        thread = threading.Thread(target=print, kwargs={"file": sys.stderr}); thread.start(); thread.join()
        """,
    "an error in a thread": """
        import threading
        thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()
        """,
    "signals left alone": "import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL); check(signal.getsignal(2))",
    "libraries imported late": """
        import argparse, csv, decimal, difflib, fractions, html, json, pprint, random, statistics, textwrap, uuid
        import concurrent.futures, email.message, http.cookies, urllib.parse, xml.dom.minidom
        check(pprint.pformat({1: 2}) and json.dumps({"a": 1}) and difflib.get_close_matches("a", ["a"]))
        """,
    "modules of torch imported late": """
        import torch.func, torch.fx, torch.nn.utils.parametrizations, torch.nn.utils.rnn, torch.optim.lr_scheduler
        import torch.profiler, torch.utils.benchmark, torch.utils.checkpoint, torch.utils.data
        """,
    "loaders of data": """
        from torch.utils.data import DataLoader, TensorDataset
        check(len(list(DataLoader(TensorDataset(torch.ones(6, 2)), batch_size=2, shuffle=True))) == 3)
        """,
    "packed sequences": """
        from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence
        packed = pack_sequence([torch.ones(3, 2), torch.ones(1, 2)])
        check(pad_packed_sequence(torch.nn.GRU(2, 3)(packed)[0])[1].tolist() == [3, 1])
        """,
    "hooks and parametrizations": """
        from torch import nn
        from torch.nn.utils import parametrizations
        layer = parametrizations.weight_norm(nn.Linear(2, 2)); seen = []
        handle = layer.register_forward_hook(lambda *args: seen.append(1)); layer(torch.ones(1, 2)); handle.remove()
        x = torch.ones(2, requires_grad=True); x.register_hook(lambda g: g * 2); x.sum().backward()
        check(seen == [1] and x.grad.tolist() == [2, 2])
        """,
    "an optimizer": """
        layer = torch.nn.Linear(2, 2); optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
        layer(torch.ones(1, 2)).sum().backward(); optimizer.step(); optimizer.zero_grad()
        check(optimizer.state_dict()["state"])
        """,
    "torch.func": """
        from torch.func import functional_call, grad, vmap
        check(grad(lambda x: x ** 2)(torch.tensor(3.0)) == 6 and vmap(torch.sum)(torch.ones(2, 3)).tolist() == [3, 3])
        layer = torch.nn.Linear(1, 1); functional_call(layer, dict(layer.named_parameters()), torch.ones(1, 1))
        """,
    "a function of autograd of one's own": """
        class Double(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x): return x * 2
            @staticmethod
            def backward(ctx, g): return g * 2
        x = torch.ones(1, requires_grad=True); Double.apply(x).backward(); check(x.grad == 2)
        torch.autograd.gradcheck(Double.apply, torch.ones(1, dtype=torch.float64, requires_grad=True))
        """,
    "checkpointing": """
        from torch.utils.checkpoint import checkpoint
        x = torch.ones(2, requires_grad=True)
        checkpoint(torch.sigmoid, x, use_reentrant=False).sum().backward(); check(x.grad is not None)
        """,
    "anomalies detected": """
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with torch.autograd.detect_anomaly():
                (torch.ones(1, requires_grad=True) * 2).backward()
        """,
    "modes of torch": """
        from torch.overrides import TorchFunctionMode
        class Count(TorchFunctionMode):
            def __torch_function__(self, func, types, args=(), kwargs=None): return func(*args, **(kwargs or {}))
        with Count(), torch.no_grad(): torch.ones(1) + 1
        """,
    "a graph of torch.fx": "check('relu' in torch.fx.symbolic_trace(torch.nn.ReLU()).code)",
    "a trace of torch.jit": """
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check(torch.jit.trace(torch.nn.Linear(1, 1), torch.ones(1, 1))(torch.ones(1, 1)).shape == (1, 1))
        """,
    "a profile of torch": """
        with torch.profiler.profile(record_shapes=True) as profile: torch.ones(2).sum()
        check(profile.key_averages().table())
        """,
    "assertions of torch.testing": """
        torch.testing.assert_close(torch.ones(1), torch.ones(1))
        try: torch.testing.assert_close(torch.ones(1), torch.zeros(1))
        except AssertionError as error: check("not close" in str(error))
        """,
    "a class that is made by hand": """
        Made = type("Made", (torch.nn.Module,), {"forward": lambda self, x: x}); check(Made()(1) == 1)
        class Meta(type):
            def __new__(cls, *args): return super().__new__(cls, *args)
        class C(metaclass=Meta): pass
        check(C.__mro__[-1] is object and C.__subclasses__() == [])
        """,
    "closures and globals of one's own": """
        kept = 3
        def f(): return kept
        check(f.__closure__ is None or f.__closure__[0].cell_contents == 3); check("torch" in f.__globals__)
        """,
    "asyncio": """
        import asyncio
        async def later(x):
            await asyncio.sleep(0)
            return x
        async def both(): return await asyncio.gather(later(1), later(2))
        check(asyncio.run(both()) == [1, 2])
        """,
    "what loads torch's compiler": """
        p = torch.nn.Parameter(torch.ones(2)); adam = torch.optim.Adam([p]); p.sum().backward(); adam.step()
        check(torch.func.grad(torch.sin)(torch.tensor(0.0)) == 1 and torch._dynamo is not None)
        check(torch.utils.checkpoint.checkpoint(torch.sin, p, use_reentrant=False).shape == (2,))
        """,
    "__main__": """
        import __main__
        if __name__ == "__main__": raise AssertionError("it is not run as a script")
        check(__main__ is not None and globals() is not None and isinstance(locals(), dict) and vars(torch))
        """,
}
_CHECK = "import sys, torch\ndef check(truth):\n    if not truth: raise AssertionError('it is otherwise here')\n"


def cells() -> list[str]:
    """All of it, as a notebook's cells."""
    return [_CHECK, *(textwrap.dedent(code) for code in IDIOMS.values())]


def functions(name: str, *, only: str = "") -> str:
    """All of it, or one, as functions, and a function of that name which says of those that raise what they raised."""
    lines = [_CHECK]
    idioms = {only: IDIOMS[only]} if only else IDIOMS
    for number, code in enumerate(idioms.values()):
        lines.append(f"def idiom_{number}():\n{textwrap.indent(textwrap.dedent(code).strip(), '    ')}\n")
    listed = ", ".join(f"{idiom!r}: idiom_{number}" for number, idiom in enumerate(idioms))
    lines.append(
        f"def {name}():\n"
        "    failed = {}\n"
        f"    for name, idiom in {{{listed}}}.items():\n"
        "        try: idiom()\n"
        "        except BaseException as error: failed[name] = f'{type(error).__name__}: {error}'\n"
        "    return failed\n"
    )
    return "\n".join(lines)

"""Looks into the interpreter by which a submission would find the grader in its own process, and ways around it."""

from __future__ import annotations

FRAME = (
    "{what}, also by way of inspect, is not available while grading: a frame leads to what the grader holds. Leave it "
    "out; traceback.print_stack() and traceback.print_exc() print where your code is."
)
LEADS = "{what} is not available while grading: it leads to what the grader holds. Leave it out."
TRACES = (
    "{what} is not available while grading: it would see all that the grader does. Leave it out; cProfile shows where "
    "time goes."
)
ADDRESSES = "{what} is not available while grading: it reaches into Python itself. Leave it out."
NATIVE = "{what} is not available while grading: it loads machine code of your own. Leave it out."
CODE = "{what} of a function of torch or Python can't be set while grading: the grader uses it. Leave it out."
COMPILER = (
    "torch.compile is not available while grading: it starts a compiler. "
    "Leave it out; the function or module itself computes the same."
)

_GETFRAME = FRAME.format(what="sys._getframe")
_TB_FRAME = FRAME.format(what="tb_frame")
_CAUGHT = "try: 1 / 0\nexcept ZeroDivisionError as error: caught = error\n"

# the body of a function that returns what it got, each with what it is told
REFUSED = {
    "a frame": ("return sys._getframe()", _GETFRAME),
    "a frame further below": ("return sys._getframe(1)", _GETFRAME),
    "a frame by getattr": ("return getattr(sys, '_get' + 'frame')(0)", _GETFRAME),
    "a frame by a function that calls what it is given": (
        "return torch.utils._pytree.tree_map(sys._getframe, [0])",
        _GETFRAME,
    ),
    "a frame in a thread": (
        "out = []; t = threading.Thread(target=lambda: out.append(sys._getframe())); t.start(); "
        "t.join(); return out[0]",
        "list index out of range",
    ),
    "a frame by inspect": ("return inspect.currentframe()", _GETFRAME),
    "frames by inspect": ("return inspect.stack()", _GETFRAME),
    "a frame by inspect in a library": (
        "return torch.utils._pytree.tree_map(lambda _: inspect.currentframe(), 0)",
        _GETFRAME,
    ),
    "a frame by logging": ("return logging.currentframe()", _GETFRAME),
    "frames by traceback": ("return next(traceback.walk_stack(None))", _GETFRAME),
    "frames by traceback, through map": (
        "seen = []; traceback.StackSummary.extract(map(lambda pair: seen.append(pair) or pair, "
        "traceback.walk_stack(None))); return seen",
        _GETFRAME,
    ),
    "frames by torch": ("return torch._jit_internal.createResolutionCallbackFromFrame(1)('observe')", _GETFRAME),
    "a frame by torch.fx": ("return torch.fx.proxy.TracerBase()._find_user_frame()", _GETFRAME),
    "a frame for what was put in the place of a function": (
        "import logging; out = []; traceback.print_stack = lambda frame, **named: out.append(frame); "
        "logging.getLogger('x').findCaller(True); return out",
        _GETFRAME,
    ),
    "a frame for a method of a list": (
        "import logging; out = []; traceback.print_stack = out.append; "
        "logging.getLogger('x').findCaller(True); return out",
        _GETFRAME,
    ),
    "a frame for a partial function": (
        "import functools, logging; traceback.print_stack = functools.partial(print); "
        "logging.getLogger('x').findCaller(True)",
        _GETFRAME,
    ),
    "a frame for an object that can be called": (
        "import logging\nclass Taker:\n    def __call__(self, frame, **named): self.frame = frame\n"
        "taker = traceback.print_stack = Taker(); logging.getLogger('x').findCaller(True); return taker.frame",
        _GETFRAME,
    ),
    "globals of all frames": (
        "import linecache; out = []; linecache.lazycache = lambda name, names: out.append(names); "
        "traceback.extract_stack(limit=99); return out",
        _GETFRAME,
    ),
    "what stands in all frames, as text": (
        "return traceback.StackSummary.extract(traceback.walk_stack(None), capture_locals=True)",
        _GETFRAME,
    ),
    "frames of all threads": ("return sys._current_frames()", FRAME.format(what="sys._current_frames")),
    "exceptions of all threads": ("return sys._current_exceptions()", FRAME.format(what="sys._current_exceptions")),
    "the frame of a traceback": (f"{_CAUGHT}return caught.__traceback__.tb_frame", _TB_FRAME),
    "the frame of a traceback, by traceback": (
        f"{_CAUGHT}return next(traceback.walk_tb(caught.__traceback__))",
        _TB_FRAME,
    ),
    "the frame of a traceback, by inspect": (
        f"{_CAUGHT}return inspect.getinnerframes(caught.__traceback__)",
        _TB_FRAME,
    ),
    "the frame of a traceback, by operator": (
        f"import operator\n{_CAUGHT}return operator.attrgetter('tb_frame')(caught.__traceback__)",
        _TB_FRAME,
    ),
    "the frame of a generator": ("return (None for _ in ()).gi_frame", FRAME.format(what="gi_frame")),
    "locals of a generator": ("return inspect.getgeneratorlocals(None for _ in ())", "got {}"),
    "the frame of a coroutine": (
        "async def f(): pass\ncoroutine = f()\ntry: return coroutine.cr_frame\nfinally: coroutine.close()",
        FRAME.format(what="cr_frame"),
    ),
    "the frame of an asynchronous generator": (
        "async def f(): yield\nreturn f().ag_frame",
        FRAME.format(what="ag_frame"),
    ),
    "a frame for a signal handler": (
        "out = []; signal.signal(signal.SIGUSR1, lambda number, frame: out.append(frame)); "
        "signal.raise_signal(signal.SIGUSR1); return out",
        "Signal handlers are not available while grading. Leave signal.signal out.",
    ),
    "a frame for a method that is a signal handler": (
        "import _signal; out = {}; _signal.signal(signal.SIGUSR1, out.setdefault)",
        "Signal handlers are not available while grading. Leave signal.signal out.",
    ),
    "frames for a compiler": (
        "from torch._C._dynamo.eval_frame import set_eval_frame; set_eval_frame(lambda *frames: None)",
        COMPILER,
    ),
    "frames for a compiler of torch": ("return torch.compile(lambda: None)", COMPILER),
    "a debugger": ("import pdb; pdb.Pdb().set_trace()", _GETFRAME),
    "a debugger after an error": (f"import pdb\n{_CAUGHT}pdb.post_mortem(caught.__traceback__)", _TB_FRAME),
    "a trace function": ("sys.settrace(lambda *a: None)", TRACES.format(what="sys.settrace")),
    "a trace function of threading": (
        "threading.settrace(print); sys.settrace(threading._trace_hook)",
        TRACES.format(what="sys.settrace"),
    ),
    "a debugger without its prompt": ("import bdb; bdb.Bdb().set_trace()", _GETFRAME),
    "a tracer": ("import trace; return trace.Trace().runfunc(len, [])", TRACES.format(what="sys.settrace")),
    "a trace function of a second sys": (
        "del sys.modules['sys']; import sys as second; second.settrace(print)",
        "sys can't be imported a second time while grading.",
    ),
    "a hook beside the grader's": (
        "out = []; sys.addaudithook(lambda event, args: out.append(args)); import doctest; return out",
        "got []",
    ),
    "a profile function": ("sys.setprofile(lambda *a: None)", TRACES.format(what="sys.setprofile")),
    "referrers": ("return gc.get_referrers(torch)", LEADS.format(what="gc.get_referrers")),
    "referents": ("return gc.get_referents(torch.compile)", LEADS.format(what="gc.get_referents")),
    "referents in a library": (
        "return torch.utils._pytree.tree_map(gc.get_referents, [torch.compile])",
        LEADS.format(what="gc.get_referents"),
    ),
    "a second module gc": (
        "return importlib.machinery.BuiltinImporter.create_module(importlib.machinery.ModuleSpec('gc', None))",
        "gc can't be imported a second time while grading.",
    ),
    "a second module gc, by import": (
        "del sys.modules['gc']; import gc; return gc",
        "gc can't be imported a second time while grading.",
    ),
    "an object by its address": (
        "import _ctypes; return _ctypes.PyObj_FromPtr(id(torch))",
        ADDRESSES.format(what="ctypes.PyObj_FromPtr"),
    ),
    "memory by its address": (
        "return ctypes.c_long.from_address(id(torch)).value",
        ADDRESSES.format(what="ctypes.cdata"),
    ),
    "a function of Python in C": ("return ctypes.pythonapi.PyEval_GetFrame", ADDRESSES.format(what="ctypes.dlsym")),
    "the code of a function of torch": (
        "torch.nn.Module.state_dict.__code__ = (lambda self, *a, **k: {}).__code__",
        CODE.format(what="__code__"),
    ),
    "the defaults of a function of torch": (
        "torch.nn.Module.zero_grad.__defaults__ = (False,)",
        CODE.format(what="__defaults__"),
    ),
    "code that calls itself a library's": (
        "code = compile('import sys\\nframe = sys._getframe()', logging.__file__, 'exec'); names = {}; "
        "exec(code, names); return names['frame']",
        _GETFRAME,
    ),
    "code that is renamed to a library's": (
        "import _imp\ndef f(): return sys._getframe()\n_imp._fix_co_filename(f.__code__, logging.__file__)\nreturn f()",
        _GETFRAME,
    ),
    "code that is replaced by a library's name": (
        "f = lambda: sys._getframe()\nf.__code__ = f.__code__.replace(co_filename=logging.__file__)\nreturn f()",
        _GETFRAME,
    ),
    "code that a library's file seems to hold": (
        "import builtins, io, marshal\n"
        "code = compile('import sys\\ndef f(): return sys._getframe(1)', torch.fx.proxy.__file__, 'exec')\n"
        "opened, names = builtins.open, {}; exec(code, names)\n"
        "builtins.open = lambda *a: io.BytesIO(bytes(16) + marshal.dumps(code))\n"
        "try: return names['f']()\nfinally: builtins.open = opened",
        _GETFRAME,
    ),
    "a library's code with other names around it": (
        "import collections, functools, itertools, types\na, b = itertools.tee(map(sys._getframe, [0]))\n"
        "space = types.SimpleNamespace(intern=sys.intern, _getframe=functools.partial(next, a))\n"
        "f = types.FunctionType(collections.namedtuple.__code__, dict(vars(collections), _sys=space))\n"
        "f('X', 'a b', rename=False, defaults=None, module=None); return next(b)",
        _GETFRAME,
    ),
    "a library's code by another name": (
        "import types\ncode = inspect.currentframe.__code__.replace(co_name='x')\n"
        "return types.FunctionType(code, vars(inspect))()",
        _GETFRAME,
    ),
    "a frame for a class": (
        "out = []\nclass Taker:\n    def __init__(self, frame, **named): out.append(frame)\n"
        "traceback.print_stack = Taker; logging.getLogger('x').findCaller(True); return out",
        _GETFRAME,
    ),
    "a frame for a class of exceptions": (
        "class Taker(Exception): pass\ntraceback.print_stack = Taker; logging.getLogger('x').findCaller(True)",
        _GETFRAME,
    ),
    "a frame for a method that is a cache": (
        "import functools\nclass Taker:\n    @functools.lru_cache(0)\n    def __call__(self, frame, **named): pass\n"
        "traceback.print_stack = Taker(); logging.getLogger('x').findCaller(True)",
        _GETFRAME,
    ),
    "a frame handed on and on": (
        "import asyncio.futures\nout = []\nclass Loop:\n    def get_debug(self): return True\n"
        "    def call_exception_handler(self, context): pass\n"
        "def walk(frame): out.append(frame); return iter(())\n"
        "traceback.walk_stack = walk; asyncio.futures._PyFuture(loop=Loop()); return out",
        _GETFRAME,
    ),
    "the frame of a generator, by types": (
        "import types; return types._GeneratorWrapper(None for _ in ()).gi_frame",
        FRAME.format(what="gi_frame"),
    ),
    "another interpreter": (
        "import _xxsubinterpreters",
        ADDRESSES.format(what="_xxsubinterpreters"),
    ),
    "globals of all frames, for a module in the place of a library's": (
        "import functools, linecache, types; out = []; traceback.linecache = types.ModuleType('mine')\n"
        "vars(traceback.linecache).update(vars(linecache), __name__='mine')\n"
        "traceback.linecache.lazycache = functools.partial(lambda name, names: out.append(names))\n"
        "traceback.extract_stack(limit=99); return out",
        _GETFRAME,
    ),
    "globals of all frames, for an object in the place of a library": (
        "import linecache; out = []\nclass Module:\n    checkcache, getline = linecache.checkcache, linecache.getline\n"
        "    lazycache = lambda self, name, names: out.append(names)\n"
        "traceback.linecache = Module(); traceback.extract_stack(limit=99); return out",
        _GETFRAME,
    ),
    "globals of all frames, for a class that equals any": (
        "class Equals(type):\n    def __eq__(cls, other): return True\n    def __hash__(cls): return hash(type(None))\n"
        "out = []; import linecache\nclass Descriptor(metaclass=Equals):\n"
        "    def __get__(self, *of): return lambda name, names: out.append(names)\n"
        "class Taker: __call__ = Descriptor()\n"
        "linecache.lazycache = Taker(); traceback.extract_stack(limit=99); return out",
        _GETFRAME,
    ),
    "globals of all frames, for what stands for a function": (
        "import linecache, weakref; out = []\ndef take(name, names): out.append(names)\n"
        "linecache.lazycache = weakref.proxy(take); traceback.extract_stack(limit=99); return out",
        _GETFRAME,
    ),
    "globals of all frames, for a static method in another": (
        "import linecache; out = []\ndef take(name, names): out.append(names)\n"
        "linecache.lazycache = staticmethod(staticmethod(take)); traceback.extract_stack(limit=99); return out",
        _GETFRAME,
    ),
    "globals of all frames, for a function of numpy": (
        "import linecache, numpy; out = []\ndef take(name, names): out.append(names)\n"
        "linecache.lazycache = numpy.frompyfunc(take, 2, 1); traceback.extract_stack(limit=99); return out",
        _GETFRAME,
    ),
    "globals of all frames, where traceback has another file": (
        "import linecache; out = []; traceback.__file__ = linecache.__file__ = inspect.__file__ = '/dev/null'\n"
        "linecache.lazycache = lambda name, names: out.append(names); "
        "f = logging.getLogger('x').findCaller(True); return out",
        _GETFRAME,
    ),
    "a frame for a function that is built in": (
        "import builtins; out, real = [], isinstance\n"
        "builtins.isinstance = lambda one, kind: out.append(one) or real(one, kind)\n"
        "try: torch._library.utils.get_source(1)\nfinally: builtins.isinstance = real\n"
        "return out",
        _GETFRAME,
    ),
    "a frame for a class in the place of torch's function": (
        "import types; out = []\nclass Info:\n    filename, lineno = '', 0\n"
        "    def __init__(self, frame): out.append(frame)\n"
        "kept, mine = torch._library.utils.inspect, types.ModuleType('inspect')\n"
        "vars(mine).update(vars(inspect), getframeinfo=Info); torch._library.utils.inspect = mine\n"
        "try: torch._library.utils.get_source(1)\nfinally: torch._library.utils.inspect = kept\n"
        "return out",
        _GETFRAME,
    ),
    "a library's code in a module with other built-in functions": (
        "import builtins, types; out = []; mine = types.ModuleType('mine')\n"
        "taking = lambda one, kind: out.append(one) or isinstance(one, kind)\n"
        "vars(mine).update(vars(inspect), __name__='mine', __builtins__=dict(vars(builtins), isinstance=taking))\n"
        "sys.modules['mine'] = mine; own = types.FunctionType(inspect.stack.__code__, vars(mine))\n"
        "for name in ('istraceback', 'getframeinfo', 'getouterframes', 'currentframe'):\n"
        "    vars(mine)[name] = types.FunctionType(vars(inspect)[name].__code__, vars(mine), name, (1,))\n"
        "kept = torch._library.utils.inspect; torch._library.utils.inspect = mine\n"
        "try: torch._library.utils.get_source(1)\nfinally: torch._library.utils.inspect = kept\n"
        "return out",
        _GETFRAME,
    ),
    "a frame that is handed on after a function was replaced": (
        "out = []; kept = traceback.print_stack\nclass Level(int):\n    def __gt__(self, other):\n"
        "        traceback.print_stack = lambda frame, **named: out.append(frame)\n"
        "        return int(self) > other\n    def __sub__(self, other): return 0\n"
        "try: logging.getLogger('x').findCaller(True, Level(1))\nfinally: traceback.print_stack = kept\nreturn out",
        _GETFRAME,
    ),
    "machine code of its own, as a module": (
        "from importlib import machinery, util; import os\n"
        "open('own.so', 'wb').close(); path = os.path.abspath('own.so')\n"
        "loader = machinery.ExtensionFileLoader('own', path)\n"
        "return util.module_from_spec(machinery.ModuleSpec('own', loader, origin=path))",
        NATIVE.format(what="own"),
    ),
    "machine code of its own, as a library": (
        "open('own.so', 'wb').close(); import os; return ctypes.CDLL(os.path.abspath('own.so'))",
        NATIVE.format(what="ctypes.dlopen"),
    ),
    "globals of all frames, for a container that says itself what is in it": (
        "import linecache; out = []; kept = linecache.cache, linecache.lazycache\nclass Cache(dict):\n"
        "    def __contains__(self, name):\n"
        "        linecache.lazycache = lambda name, names: out.append(names)\n        return True\n"
        "linecache.cache = Cache()\ntry: traceback.extract_stack(limit=99)\n"
        "finally: linecache.cache, linecache.lazycache = kept\nreturn out",
        _GETFRAME,
    ),
    "globals of all frames, for a limit that compares itself": (
        "import linecache; out = []; kept = linecache.lazycache\nclass Limit(int):\n    def __ge__(self, other):\n"
        "        linecache.lazycache = lambda name, names: out.append(names)\n        return True\n"
        "sys.tracebacklimit = Limit(20)\ntry: traceback.extract_stack(limit=99)\n"
        "finally: del sys.tracebacklimit; linecache.lazycache = kept\nreturn out",
        _GETFRAME,
    ),
    "globals of all frames, for a function with attributes of its own": (
        "import linecache; out = []; kept = linecache.lazycache\nclass Attributes(dict):\n    def keys(self):\n"
        "        linecache.lazycache = lambda name, names: out.append(names)\n        return dict.keys(self)\n"
        "linecache.lazycache.__dict__ = Attributes()\ntry: traceback.extract_stack(limit=99)\n"
        "finally: linecache.lazycache = kept; kept.__dict__ = {}\nreturn out",
        _GETFRAME,
    ),
    "globals of all frames, for another library's function": (
        "import linecache; kept = linecache.lazycache; linecache.lazycache = logging.addLevelName\n"
        "try: traceback.extract_stack(limit=99)\nfinally: linecache.lazycache = kept\nreturn logging._levelToName",
        _GETFRAME,
    ),
    "Python's own tests": ("import _testcapi", ADDRESSES.format(what="_testcapi")),
}

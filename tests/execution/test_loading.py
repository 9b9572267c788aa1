"""How a submission's text becomes a module, and how an error in it finds its place."""

from __future__ import annotations

import linecache
import marshal
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from grader.execution.loading import Code, describe


@pytest.fixture(autouse=True)
def _interpreter_as_it_was() -> Iterator[None]:
    """Takes back what loading leaves in a worker: finders, modules, lines."""
    finders, modules, lines = list(sys.meta_path), dict(sys.modules), dict(linecache.cache)
    yield
    sys.meta_path[:] = finders
    for name in sys.modules.keys() - modules:
        del sys.modules[name]
    linecache.cache.clear()
    linecache.cache.update(lines)


def code(
    *blocks: str,
    beside: dict[str, str] | None = None,
    name: str = "homework.py",
    namespace: str | None = None,
    compiled: dict[str, bytes | None] | None = None,
    ours: bool = False,
) -> Code:
    """Code of one file, of several blocks where it is a notebook, and of files beside it."""
    notebook = name.endswith(".ipynb")
    labelled = [
        {"label": f"{name}, cell {number}" if notebook else name, "source": source}
        for number, source in enumerate(blocks, start=1)
    ]
    files = [{"name": name, "blocks": labelled}]
    files += [{"name": key, "blocks": [{"label": key, "source": text}]} for key, text in (beside or {}).items()]
    data = {"files": files, "main": name, "namespace": namespace, "tolerant": notebook, "ours": ours}
    return Code(data, {} if compiled is None else compiled)


def error_of(made: Code) -> dict[str, Any]:
    """The description of what loading raises."""
    with pytest.raises(BaseException) as caught:  # noqa: PT011  any error of any submission
        made.load()
    return describe(caught.value, made.labels)


def test_a_file_is_a_module_of_its_name() -> None:
    """A submission is imported, not run as a program: its guard does not fire, its names are attributes."""
    found, errors = code("x = 1\nname = __name__\nif __name__ == '__main__':\n    x = 2\n").load()
    assert (found.x, found.name, found.__file__, errors) == (1, "homework", "homework.py", [])


def test_what_is_compiled_already_is_run() -> None:
    """A block that the grader has compiled is not compiled again; one that it could not compile says why."""
    ready = marshal.dumps(compile("x = 1 / 1\n", "homework.py", "exec"))
    found, _ = code("x = 2\n", compiled={"homework.py": ready}).load()
    assert found.x == 1.0
    assert error_of(code("x = = 2\n", compiled={"homework.py": None}))["types"][0] == "SyntaxError"


def test_classes_of_a_submission_find_their_module() -> None:
    """A dataclass with annotations as text, which looks its module up by name, works."""
    source = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    found, _ = code(f"{source}@dataclass\nclass S:\n    h: int = 3\n").load()
    assert found.S().h == 3


def test_future_imports_of_ours_do_not_leak() -> None:
    """A submission is compiled with its own ``__future__`` imports only."""
    found, _ = code("def f(x: 1 + 1): pass\n").load()
    assert found.f.__annotations__ == {"x": 2}


def test_a_misconception_is_found_in_its_class() -> None:
    """With a namespace, the entry points are attributes of that class."""
    found, _ = code("class NoDetach:\n    def f():\n        return 3\n", namespace="NoDetach").load()
    assert found.f() == 3


def test_a_notebook_goes_on_after_a_cell_that_raises() -> None:
    """The cells of a notebook share their names; one that fails is described, and the rest still runs."""
    found, errors = code("x = 1", "x = 2\ny = [][x]", "z = x", "= 3", name="homework.ipynb").load()
    assert (found.x, found.z) == (2, 2)
    assert [(each["block"], each["types"][0], each["file"], each["line"]) for each in errors] == [
        ("homework.ipynb, cell 2", "IndexError", "homework.ipynb, cell 2", 2),
        ("homework.ipynb, cell 4", "SyntaxError", "homework.ipynb, cell 4", 1),
    ]


def test_cells_run_as_in_ipython() -> None:
    """Statement by statement: what comes before a wrong one counts, and so does ``__future__``, wherever it stands."""
    found, errors = code(
        "pass\nfrom __future__ import annotations",
        "def f(x: nowhere): pass\nreturn 1\ny = 2",
        "async def g(): return 3\nz = await g()\nawait 3",
        name="homework.ipynb",
    ).load()
    assert (found.f.__annotations__, found.z, hasattr(found, "y")) == ({"x": "nowhere"}, 3, False)
    assert [(each["block"], each["types"][0], each["line"]) for each in errors] == [
        ("homework.ipynb, cell 2", "SyntaxError", 2),
        ("homework.ipynb, cell 3", "TypeError", 3),
    ]


def test_a_file_beside_a_notebook_is_no_notebook() -> None:
    """What it raises, the cell that imports it raises."""
    found, errors = code("import tools", "x = 1", name="homework.ipynb", beside={"tools.py": "y = 1\n1 / 0\n"}).load()
    assert found.x == 1
    assert [(each["block"], each["types"][0], each["file"]) for each in errors] == [
        ("homework.ipynb, cell 1", "ZeroDivisionError", "tools.py")
    ]


def test_even_an_exit_does_not_stop_a_notebook() -> None:
    """A cell that ends the program ends only itself."""
    found, errors = code("raise SystemExit", "x = 1", name="homework.ipynb").load()
    assert (found.x, [each["types"][0] for each in errors]) == (1, ["SystemExit"])


# Files beside it


def test_files_beside_it_can_be_imported() -> None:
    """The other files of a folder are modules; each is run once, and they can import one another."""
    made = code(
        "import layers, tools\nsame = layers.tools is tools\nfrom layers import size\n",
        beside={"layers.py": "import tools\nsize = tools.size + 1\n", "tools.py": "size = 3\n"},
    )
    found, _ = made.load()
    assert (found.size, found.same) == (4, True)


@pytest.mark.parametrize("name", ["json.py", "random.py", "numpy.py"])
def test_a_file_never_hides_what_is_installed(name: str) -> None:
    """A file of the name of an installed package is not what is imported by that name, also not as the main file."""
    module = name.removesuffix(".py")
    made = code(f"import {module}\nfile = {module}.__file__\n", beside={name: "raise RuntimeError\n"})
    assert made.load()[0].file != name
    main, _ = code("own = True\n", name=name).load()
    assert main.own
    assert not hasattr(sys.modules[module], "own")


HELPER = {"code/tools.py": "size = 3\n"}


@pytest.mark.parametrize(
    ("name", "source", "beside"),
    [
        pytest.param(
            "hw.py", "from code_.tools import size", {"code_/tools.py": "size = 3\n"}, id="a folder beside it"
        ),
        pytest.param("hw.py", "from .tools import size", {"tools.py": "size = 3\n"}, id="by a dot, in no folder"),
        pytest.param("code/hw.py", "from tools import size", HELPER, id="in its own folder"),
        pytest.param("code/hw.py", "from .tools import size", HELPER, id="by a dot"),
        pytest.param(
            "a/b/hw.py", "from ..tools import size", {"a/tools.py": "size = 3\n", "tools.py": "size = 1\n"}, id="by two"
        ),
        pytest.param("a/hw.py", "from a.tools import size", {"a/tools.py": "size = 3\n"}, id="from the whole"),
        pytest.param(
            "week 1/hw.py", "from tools import size", {"lib/tools.py": "size = 3\n"}, id="a path that is added"
        ),
        pytest.param("a.1/hw.py", "from tools import size", {"a.1/tools.py": "size = 3\n"}, id="a dot in its name"),
        pytest.param(
            "a/hw.py",
            "from .tools import size",
            {"a/__init__.py": "from .hw import size\n", "a/tools.py": "size = 3\n"},
            id="a package that imports it",
        ),
        pytest.param(
            "a/hw.py",
            "from tools import size",
            {"a/__init__.py": "import homework_of_mine\n", "a/tools.py": "size = 3\n"},
            id="a script in a package that can't be imported",
        ),
        pytest.param("a/hw.ipynb", "from tools import size", {"a/tools.py": "size = 3\n"}, id="a notebook"),
    ],
)
def test_files_in_folders_can_be_imported(name: str, source: str, beside: dict[str, str]) -> None:
    """In the ways in which students run them: as a script, from the folder of the whole, as a package."""
    found, errors = code(source, name=name, beside=beside).load()
    assert (found.size, errors) == (3, [])


def test_what_is_neither_beside_it_nor_installed_is_not_found() -> None:
    """Where code asks whether it is there, an import that fails is the ordinary error, placed in the line that asks."""
    described = error_of(code("x = 1\ntry:\n    import no_such_package\nfinally:\n    x = 2"))
    assert described == {
        "types": ["ModuleNotFoundError", "ImportError", "Exception", "BaseException", "object"],
        "text": "No module named 'no_such_package'",
        "file": "homework.py",
        "line": 3,
        "function": "<module>",
    }


WITHOUT_USE = """
import no_such.plots as plt, no_such
from no_such.typing import Shape, jaxtyped, njit
from no_such.bars import bar
from contextlib import suppress
try:
    import no_such_either
except ImportError:
    no_such_either = None
with suppress(ImportError):
    import no_such_third
    no_such_either = 1
def late():
    import no_such_fourth
plt.style.use("dark"); plt.options["size"] = 3, 4; no_such.set(bar)
@njit
def f(x: Shape["b h"] | None, y: None | Shape = None): return 1 if isinstance(x, plt.Figure) else x
@njit
class C: ...
"""


def test_what_is_absent_costs_nothing_until_it_is_used() -> None:
    """Who imports a library for plots, and plots nothing, is graded; who asks whether it is there is told."""
    found, _ = code(WITHOUT_USE).load()
    assert (found.f(3), found.no_such_either, type(found.C)) == (3, None, type)
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_fourth'"):
        found.late()


def test_a_notebook_may_ask_for_what_an_earlier_statement_did_not_find() -> None:
    """There it is not found, as in a kernel, in which the first cell would have raised and the next goes on."""
    asking = "try:\n    from no_such import x\nexcept ImportError:\n    x = 1"
    found, errors = code("from no_such import x", asking, name="homework.ipynb").load()
    assert (found.x, errors) == (1, [])


@pytest.mark.parametrize("name", ["homework.py", "homework.ipynb"])
def test_what_notebooks_say_to_ipython_does_nothing(name: str) -> None:
    """Also where a notebook was saved as a .py."""
    magic = "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().system('pip install torch')\nx = 1\n"
    found, errors = code(magic, *(["display(x)\ny = 2"] if name.endswith(".ipynb") else []), name=name).load()
    assert (found.x, errors) == (1, [])


@pytest.mark.parametrize(
    "use",
    [
        *("def f(): bar(3)\nf()", "def f(): return bar[3]\nf()", "def f(): bar[3] = 3\nf()"),
        *("for x in bar(3): ...", "with bar(3): ...", "class C(bar): ...", "def f(): return bar | 3\nf()"),
    ],
)
def test_what_is_absent_and_used_is_told(use: str) -> None:
    """By the line that uses it."""
    described = error_of(code(f"from no_such import bar\n{use}"))
    assert described["text"] == "No module named 'no_such': it is neither installed here nor handed in"
    assert (described["types"][0], described["line"]) == ("ModuleNotFoundError", 2)


def test_what_is_absent_from_code_of_ours_is_told_at_once() -> None:
    """A solution that can't import something is wrong."""
    assert error_of(code("import no_such", ours=True))["text"] == "No module named 'no_such'"


# Where an error arose


def test_an_error_is_placed_at_the_last_line_of_the_submission() -> None:
    """Not where the library raised, nor where the call began, but where the submission was last."""
    described = error_of(code("import json\ndef f(x):\n    return json.loads(x)\n\ndef g():\n    return f('{')\ng()\n"))
    assert (described["types"][0], described["file"], described["line"], described["function"]) == (
        "JSONDecodeError",
        "homework.py",
        3,
        "f",
    )


BROKEN_BESIDE = {
    "raises": ("x = 1\ny = x / 0\n", "ZeroDivisionError"),
    "is not Python": ("x = 1\ny = = 2\n", "SyntaxError"),
}


@pytest.mark.parametrize(("source", "kind"), BROKEN_BESIDE.values(), ids=BROKEN_BESIDE)
def test_an_error_in_a_file_beside_it_is_placed_there(source: str, kind: str) -> None:
    """The place names the file that the line is in."""
    described = error_of(code("import tools\n", beside={"tools.py": source}))
    assert (described["types"][0], described["file"], described["line"]) == (kind, "tools.py", 2)


def test_an_error_outside_the_submission_has_no_place() -> None:
    """What never went through the submission's code is not placed in it."""
    try:
        [][0]
    except IndexError as error:
        described = describe(error, {"homework.py"})
    assert (described["file"], described["line"], described["function"]) == (None, None, None)


def test_a_recursion_without_end_is_described() -> None:
    """A traceback of a thousand entries is followed to its end."""
    described = error_of(code("def f(x):\n    return f(x + 1)\nf(0)\n"))
    assert (described["types"][0], described["file"], described["line"]) == ("RecursionError", "homework.py", 2)


def test_an_error_whose_text_raises_is_described() -> None:
    """``__str__`` of an exception is the submission's code: whatever it raises, there is a text."""
    source = "class Bad(Exception):\n    def __str__(self):\n        raise KeyboardInterrupt\nraise Bad\n"
    described = error_of(code(source))
    assert (described["types"][0], described["text"]) == ("Bad", "<KeyboardInterrupt while its text was made>")


def test_an_exception_that_lies_about_its_place_is_described() -> None:
    """An exception with attributes replaced does not break the description, nor choose its place."""
    source = "class Bad(SyntaxError):\n    filename = property(lambda self: 1 / 0)\n    lineno = 'x'\nraise Bad('no')\n"
    described = error_of(code(source))
    assert (described["types"][0], described["line"]) == ("Bad", 4)


def test_a_traceback_of_a_submission_shows_its_lines() -> None:
    """A student who prints a traceback sees the source, though the file is on no disk."""
    made = code("def f():\n    return 1 / 0  # here\nf()\n")
    with pytest.raises(ZeroDivisionError) as caught:
        made.load()
    text = "".join(traceback.format_exception(caught.value))
    assert 'File "homework.py", line 2, in f\n    return 1 / 0  # here' in text

"""detach_state: cutting the graph."""

from collections.abc import Iterator

from hypothesis import strategies as st

from grader import Case, Exercise
from grader.properties import (
    ArgumentsUnchanged,
    Detached,
    DeviceFollows,
    Equivalence,
    Fresh,
    Gradients,
    LeavesNothing,
    Strictness,
)

# A structure is data: ("leaf", kind, shape, seed), ("none",), ("tuple", item, ...), ("list", item, ...),
# ("named", item, ...), ("dict", (key, item), ...), ("ordered", (key, item), ...), or ("twice", item): a pair.
ATTACHED = ("computed", "view", "leaf", "parameter", "logarithm", "complex", "half")
LEAVES = (*ATTACHED, "plain", "negative zeros", "integers", "booleans")
LINES = ("tuple", "list", "named")
TABLES = ("dict", "ordered")
NAMES, NUMBERS, TUPLES = ("h", "c", "layers"), (0, 1), ((0, "forward"), (0, "backward"))  # keys

SHAPES = st.one_of(*[st.lists(st.integers(1, 4), max_size=3).map(tuple)] * 9, st.just((0, 3)))
SEEDS = st.integers(0, 99)


@st.composite
def singles(draw: st.DrawFn) -> tuple:
    """None, or a tensor: computed from one that needs a gradient, a leaf, a parameter, or one without any graph."""
    kind = draw(st.sampled_from((*LEAVES, "none")))
    return ("none",) if kind == "none" else ("leaf", kind, draw(SHAPES), draw(SEEDS))


@st.composite
def pairs(draw: st.DrawFn) -> tuple:
    """What an LSTM takes or returns: h and c, of one shape, both in a graph."""
    kind, shape = draw(st.sampled_from(ATTACHED)), draw(SHAPES)
    return ("tuple", *(("leaf", kind, shape, draw(SEEDS)) for _ in "hc"))


def lines(items: st.SearchStrategy[tuple]) -> st.SearchStrategy[tuple]:
    """One level of nesting, in a tuple or a list."""
    return st.tuples(st.sampled_from(LINES), st.lists(items, min_size=1, max_size=3)).map(lambda t: (t[0], *t[1]))


def containers(items: st.SearchStrategy[tuple]) -> st.SearchStrategy[tuple]:
    """One level of nesting, in any container."""
    names, numbers, tuples = (
        st.lists(st.sampled_from(each), min_size=1, max_size=3, unique=True) for each in (NAMES, NUMBERS, TUPLES)
    )
    keys = st.one_of(*[names] * 6, numbers, tuples)
    pairs = keys.flatmap(lambda names: st.tuples(*(st.tuples(st.just(name), items) for name in names)))
    tables = st.tuples(st.sampled_from(TABLES), pairs).map(lambda t: (t[0], *t[1]))
    return lines(items) | lines(items) | tables


# made once: a strategy costs more than what is drawn from it
SINGLE, PAIR = singles(), pairs()
EMPTY = st.sampled_from([("tuple",), ("list",), ("dict",), ("ordered",), ("named",)])
LISTS, NESTED = (st.recursive(st.one_of(*[SINGLE] * 4), level, max_leaves=6) for level in (lines, containers))
HOLLOW = EMPTY | containers(EMPTY | SINGLE)
# containers without a tensor, which who builds only what holds one would hand back
BARE = SINGLE.map(lambda leaf: ("list", ("tuple", ("none",), ("none",)), ("named",), ("list",), leaf))
TWICE = PAIR.map(lambda pair: ("twice", pair[1]))
SORTS = {"pair": PAIR, "lists": LISTS, "nested": NESTED, "hollow": HOLLOW, "deep": LISTS, "twice": TWICE, "bare": BARE}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A structure, often an LSTM's pair, and its dtype.

    Of which sort it is stands in the case so that some of each are chosen.
    """
    rare = ("hollow", "hollow", "deep", "twice", "bare", "bare")
    sort = draw(st.sampled_from(("pair", "lists", "lists", "nested") * 6 + rare))
    structure = draw(SORTS[sort])
    for level in range(4 if sort == "deep" else 0):
        structure = (LINES[level % 2], structure)
    dtype = draw(st.sampled_from(["float64", "float64", "float32"]))
    return Case(parts={"structure": structure, "sort": sort}, dtype=dtype)


def all_leaves(structure: tuple) -> Iterator[tuple]:
    """The leaves of a structure."""
    match structure:
        case ("leaf", *_):
            yield structure
        case ("dict" | "ordered", *pairs):
            for _, item in pairs:
                yield from all_leaves(item)
        case (_, *items):
            for item in items:
                yield from all_leaves(item)


def trivial(case: Case) -> bool:
    """Whether there is nothing to cut, or no number in it: then the argument, or zeros, are nearly right."""
    return not any(kind in ATTACHED and 0 not in shape for _, kind, shape, _ in all_leaves(case["structure"]))


def spelled(structure: tuple, dtype: str) -> str:
    """A structure as an expression."""
    precision = "" if dtype == "float64" else f", dtype=torch.{dtype}"
    match structure:
        case ("none",):
            return "None"
        case ("leaf", kind, shape, seed):
            sizes = shape[::-1] if kind == "view" else shape
            drawn = f"numbers({', '.join(map(str, (seed, *sizes)))}{precision})"
            match kind:
                case "computed":
                    return f"2 * {drawn}.requires_grad_()"
                case "view":
                    return f"(2 * {drawn}.requires_grad_()).permute({tuple(range(len(shape)))[::-1]})"
                case "leaf":
                    return f"kept({drawn}.requires_grad_())"
                case "parameter":
                    return f"kept(nn.Parameter({drawn}))"
                case "plain":
                    return drawn
                case "negative zeros":
                    return f"-{drawn}.relu()"
                case "complex":
                    return f"2 * torch.complex({drawn}, {drawn}).requires_grad_()"
                case "logarithm":
                    return f"2 * {drawn}.log().requires_grad_()"
                case "half":
                    return f"2 * {drawn}.half().requires_grad_()"
                case "booleans":
                    return f"torch.arange({seed}, {seed} + {shape[0] if shape else 1}) % 2 == 0"
                case _:
                    return f"2**60 + torch.arange({seed}, {seed} + {shape[0] if shape else 1})"
        case ("dict" | "ordered" as kind, *pairs):
            items = ", ".join(f"{key!r}: {spelled(item, dtype)}" for key, item in pairs)
            return f"{{{items}}}" if kind == "dict" else f"OrderedDict({{{items}}})"
        case ("list", *items):
            return f"[{', '.join(spelled(item, dtype) for item in items)}]"
        case ("named", *items):
            names = ("h", "c", "memory")[: len(items)]
            return f"namedtuple('State', {list(names)})({', '.join(spelled(item, dtype) for item in items)})"
        case ("twice", item):
            return f"({spelled(item, dtype)},) * 2"
        case (_,):
            return "()"
        case (_, *items):
            return f"({', '.join(spelled(item, dtype) for item in items)},)"
    raise ValueError(f"no such structure: {structure!r}")


def script(case: Case) -> str:
    """The case as a person would try it."""
    lines = [
        "from collections import OrderedDict, namedtuple",
        f"state = {spelled(case['structure'], case.dtype)}",
        "result = detach_state(state)",
        'print("given:", state)',
        'print("result:", result)',
    ]
    if any(kind in ("leaf", "parameter") for _, kind, *_ in all_leaves(case["structure"])):
        lines[1:1] = [
            "leaves = []",
            "def kept(leaf):",
            "    leaf.grad = torch.ones_like(leaf)",
            "    leaves.append(leaf)",
            "    return leaf",
        ]
        lines.append('print("gradients that were there:", [leaf.grad for leaf in leaves])')
    if case["sort"] == "pair":
        lines += ["with torch.no_grad():", '    print("under no_grad:", detach_state(state))']
    return "\n".join(lines)


def with_containers(case: Case) -> str:
    """Lines that print which containers of the argument stand in the result."""
    lines = [
        "def containers(value):",
        "    if isinstance(value, (tuple, list, dict)) and value != ():",
        "        yield value",
        "    if isinstance(value, (tuple, list, dict)):",
        "        for item in value.values() if isinstance(value, dict) else value:",
        "            yield from containers(item)",
        "given = list(containers(state))",
        'print("handed on:", [new for new in containers(result) if any(new is old for old in given)])',
    ]
    return "\n".join(lines)


exercise = Exercise(
    title="Cutting the graph",
    level="foundation",
    entry_points={"detach_state": "detach_state(state)"},
    cases=cases(),
    axes={},
    properties=(
        Equivalence(
            name="same structure, same values",
            points=3,
            shows=with_containers,
            of=(
                "result",
                "keys of the dicts",
                "containers shared with the argument",
                "types of the containers kept",
            ),
            strictness=Strictness(containers=True, flags=("requires_grad", "grad_fn"), exact=True),
        ),
        Detached(name="cut from the graph", points=2, of=("result", "result under torch.no_grad()"), leaves_too=True),
        ArgumentsUnchanged(name="argument untouched", points=1, of=("argument", ".grad of the argument's leaves")),
        Gradients(
            name="the loss can still be backpropagated",
            points=1,
            of=("gradients are still on", "the result can be used in a graph again", "gradients of the argument"),
        ),
        DeviceFollows(name="device of the argument", points=1, cases=20, of=("result",), all_of_meta=True),
        LeavesNothing(name="nothing kept", points=1, of="kept"),
        Fresh(name="the same every time", points=1, cases=10, of=("result",)),
    ),
    script=script,
    trivial=trivial,
    heavy=True,
)

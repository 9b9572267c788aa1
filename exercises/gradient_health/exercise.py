"""gradient_health: watching the gradients."""

from hypothesis import strategies as st

from grader import Case, Exercise, scripts
from grader import strategies as gs
from grader.properties import ArgumentsUnchanged, Equivalence, LeavesNothing

CALLS = ("norms", "clip", "diagnose")
MODELS = ("rnn alone", "with a head", "a shared weight", "a shared layer")
NESTED = "a model within a model"
# Gradients are whole numbers times a power of two, so that all ways to add their squares come to the same.
SIZES = {"ordinary": 0, "small": -17, "smaller": -27, "tiny": -100, "large": 10, "huge": 100, "zero": 0}
SINGLE_PRECISION = 40  # beyond 2 ** this, squares of what float32 holds are 0 or infinite
PAIRS = ((3, 4, 5), (5, 12, 13), (8, 15, 17))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A model with gradients of every size, none of some parameters, and one of the three functions to call."""
    sizes = draw(gs.distinct_sizes(2, max_size=5))
    rnn = draw(gs.rnn_specs(sizes=sizes, max_layers=2, bidirectional=False, projections=False))
    parts = {
        "call": (call := draw(st.sampled_from(CALLS))),
        "rnn": rnn,
        # What may be overlooked is there where each gradient is listed: one oversight should not cost all laws.
        "model": draw(st.sampled_from((*MODELS, NESTED) if call == "norms" else MODELS)),
        # lengths of gradients that are smaller still say nothing: torch adds 1e-6 to the norm that it divides by
        "size": draw(st.sampled_from([*SIZES, *(["small"] * 4 if call == "clip" else ["ordinary", "large"])])),
        "without": draw(st.sampled_from(["none", "none", "some", "some", "first", "all"])),
        "frozen": draw(st.booleans()),
        "frozen since": draw(st.sampled_from([False, False, False, True])),
        "not finite": draw(st.sampled_from(["none", "none", "none", "nan", "inf", "-inf"])),
        "at": draw(st.sampled_from(["first", "middle", "last"])),
        "max_norm": draw(st.sampled_from([0.5, 0.125, 1.0])),
        "pair": draw(st.sampled_from(PAIRS)),
        "gradient": draw(gs.seeds()),
    }
    dtype = draw(st.sampled_from(["float64", "float64", "float64", "float32"]))
    finite = {"norms": parts["model"] != "rnn alone", "clip": True, "diagnose": False}[parts["call"]]
    if finite or parts["size"] == "zero":  # NaN in the total would hide how it came about
        parts["not finite"] = "none"
    return Case(parts={**parts, "scale": 2.0 ** exponent(parts, dtype)}, dtype=dtype)


def exponent(parts: dict[str, object], dtype: str) -> int:
    """The power of two that gradients are multiplied by; in single precision norms must be ones that it holds."""
    power = SIZES[str(parts["size"])]
    if dtype == "float32" and parts["call"] != "diagnose":
        return max(min(power, SINGLE_PRECISION), -SINGLE_PRECISION)
    return power


def calls(name: str):
    """The cases in which this function is called, but for those of which one law speaks."""
    return lambda case: case["call"] == name and not case["frozen since"]


def frozen_since(case: Case) -> bool:
    """Some parameters with a gradient have been frozen: to overlook these should not cost all laws."""
    return case["frozen since"]


def complete(case: Case) -> bool:
    """Every parameter has a gradient."""
    return case["without"] == "none"


def trivial(case: Case) -> bool:
    """Where nothing is to be measured, zeros are right."""
    return case["without"] == "all" or case["size"] == "zero"


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, dtype = case["rnn"], case.dtype
    without = {"none": "False", "some": "index % 2 == 1", "first": "index == 0", "all": "True"}[case["without"]]
    number = "0 *" if case["size"] == "zero" else "2 *"
    lines = [
        *scripts.rnn(rnn, dtype),
        *_model(case),
        "",
        "def give_gradients():",
        "    for index, parameter in enumerate(model.parameters()):",
        f"        if {without}:",
        f"            parameter.requires_grad_({not case['frozen']})",
        "        else:",
        f"            drawn = numbers({case['gradient']} + index, *parameter.shape, dtype=torch.{dtype})",
        f"            parameter.grad = ({number} drawn).round() * scale",
        *(["            parameter.requires_grad_(index % 2 == 1)"] if case["frozen since"] else []),
        "",
        f"scale = {case['scale']!r}",
        "give_gradients()",
        "gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]",
    ]
    if case["not finite"] != "none" and case["without"] != "all":
        index = {"first": "0", "middle": "len(gradients) // 2", "last": "-1"}[case["at"]]
        lines.append(f'gradients[{index}].view(-1)[-1] = float("{case["not finite"]}")')
    unit = " / scale" if case["scale"] != 1.0 else ""
    match case["call"]:
        case "norms":
            norm = f"norm{unit}"
            lines.append(f"print({{name: {norm} for name, norm in gradient_norms(model).items()}})")
        case "clip":
            lines += [
                f"for max_norm in ({'100' if case['scale'] == 1 else '100 * scale'}, {case['max_norm']} * scale):",
                "    give_gradients()",
                f'    print("before:", clip_gradients(model, max_norm){unit})',
                f"    print([p.grad{unit} for p in model.parameters() if p.grad is not None])",
            ]
        case "diagnose":
            lines.append('print("default bounds:", diagnose_gradients(model))')
            lines += [f'print("{what}:", diagnose_gradients(model, {bounds}))' for what, bounds in _BOUNDS]
            lines += _exact(case)
    lines.append('print("gradients are on:", torch.is_grad_enabled())')
    return "\n".join(lines)


_BOUNDS = (
    ("total between low and high", "0.5 * scale, 100 * scale"),
    ("total below low", "100 * scale, 200 * scale"),
    ("total above high", "low=0.125 * scale, high=0.5 * scale"),
)


def _model(case: Case) -> list[str]:
    if case["model"] == "rnn alone":
        return ["model = rnn"]
    hidden, dtype = case["rnn"].hidden_size, f"torch.{case.dtype}"
    again = {
        "a shared weight": [
            f"        self.again = nn.Linear({hidden}, 2, dtype={dtype})",
            "        self.again.weight = self.head.weight",
        ],
        "a shared layer": ["        self.again = self.head"],
    }
    return [
        "",
        "class Model(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        f"        self.gain = nn.Parameter(torch.ones((), dtype={dtype}))",
        f"        self.start = nn.Parameter(torch.zeros(2, 1, {hidden}, dtype={dtype}))",
        "        self.rnn = rnn",
        f"        self.head = nn.Linear({hidden}, 2, dtype={dtype})",
        *again.get(case["model"], []),
        "",
        'model = nn.ModuleDict({"module": Model()})' if case["model"] == NESTED else "model = Model()",
    ]


def _exact(case: Case) -> list[str]:
    """Two gradients whose total norm is a whole number."""
    if case["without"] == "all":
        return []
    a, b, total = case["pair"]
    return [
        "one, other = gradients[0], gradients[-1]",
        "for gradient in gradients:",
        "    gradient.zero_()",
        f"one.view(-1)[0], other.view(-1)[-1] = {a}, {b}  # the total norm is {total}",
        f'print("total equal to low:", diagnose_gradients(model, {total}.0, {2 * total}.0))',
        f'print("total equal to high:", diagnose_gradients(model, low={total / 2}, high={total}.0))',
        f'print("total equal to both:", diagnose_gradients(model, high={total}.0, low={total}.0))',
        f'print("total just below low:", diagnose_gradients(model, {total * 1.001}, {2 * total}.0))',
        f'print("total just above high:", diagnose_gradients(model, high={total * 0.999}))',
        "one.view(-1)[0], other.view(-1)[-1] = 60, 80  # the total norm is 100",
        'print("total equal to 100, default bounds:", diagnose_gradients(model))',
        "one.view(-1)[0], other.view(-1)[-1] = 0, 101",
        'print("total 101, default bounds:", diagnose_gradients(model))',
        "other.view(-1)[-1] = 1.01e-6",
        'print("total 1.01e-6, default bounds:", diagnose_gradients(model))',
        "other.view(-1)[-1] = 0.99e-6",
        'print("total 0.99e-6, default bounds:", diagnose_gradients(model))',
        "other.view(-1)[-1] = 0.9997e-6",
        'print("total 0.9997e-6, default bounds:", diagnose_gradients(model))',
        'print("total 0.9997e-6, low 0.0:", diagnose_gradients(model, low=0.0))',
    ]


CLIPPED = ("direction of the gradients", "factor of the gradients", "length of the gradients")

exercise = Exercise(
    title="Watching the gradients",
    level="intermediate",
    entry_points={
        "gradient_norms": "gradient_norms(model)",
        "clip_gradients": "clip_gradients(model, max_norm)",
        "diagnose_gradients": "diagnose_gradients(model, low=1e-06, high=100.0)",
    },
    cases=cases(),
    axes={},
    properties=(
        Equivalence(name="the norm of each gradient", points=1, of=("norms",), suits=calls("norms")),
        Equivalence(name="the norm of all together", points=1, of=("total",), suits=calls("norms")),
        Equivalence(name="clipped by one factor", points=2, of=CLIPPED, suits=calls("clip")),
        Equivalence(name="the norm before clipping", points=1, of=("returned",), suits=calls("clip")),
        Equivalence(
            name="what was frozen has a gradient, too",
            points=1,
            of=("norms", "total", *CLIPPED, "returned", "diagnosis"),
            suits=frozen_since,
        ),
        Equivalence(name="the diagnosis", points=2, of=("diagnosis",), suits=calls("diagnose")),
        ArgumentsUnchanged(
            name="model left alone",
            points=1,
            of=("model", "torch.is_grad_enabled()"),
            saying={"torch.is_grad_enabled()": "After the call, what comes next finds another mode of torch:"},
        ),
        LeavesNothing(name="nothing kept", points=1, cases=25, of="kept", suits=complete),
    ),
    rare=lambda case: case["call"] if case["frozen since"] else None,
    script=script,
    trivial=trivial,
)

"""Device and dtype follow the module's."""

import dataclasses

import pytest

from grader.cases import Case, Sequences, Windows
from grader.execution.traces import Failure
from grader.properties import DeviceFollows, DtypeFollows, Finding
from tests.builders import CASE, RAISED, a_tuple, evidence, plain, seen, tensor

DTYPE = DtypeFollows(name="dtype", points=1, of=("state",))
DEVICE = DeviceFollows(name="device", points=1, of=("state",))
ALL = DeviceFollows(name="device", points=1, of=("state",), all_of_meta=True)
META = {"state": tensor([1.0], device="meta")}
MIXED = Failure(
    kind="raised",
    text="Expected all tensors to be on the same device, but got mat1 is on cpu, different from meta",
    types=("RuntimeError", "Exception"),
    file="homework.py",
    line=3,
)
UNSUPPORTED = Failure(kind="raised", text="Cannot copy out of meta tensor; no data!", types=("NotImplementedError",))


def test_dtype_variants():
    """Each dtype is a run of its own."""
    light = CASE.with_options(light=True)
    assert DTYPE.variants(CASE) == {f"in {dtype}": light.on(dtype=dtype) for dtype in ("float32", "float64")}


@pytest.mark.parametrize(("dtype", "law"), [("float32", DTYPE), ("float64", DTYPE)])
def test_dtype_holds(dtype, law):
    """What has the dtype of the module keeps the law."""
    state = a_tuple(tensor([1.0], dtype=dtype), tensor([1.0], dtype=dtype))
    assert law.judge(evidence({f"in {dtype}": seen({"state": state})})) is None


def test_dtype_broken():
    """A tensor of another dtype is told with both."""
    traces = {
        "in float32": seen({"state": tensor([1.0], dtype="float32")}),
        "in float64": seen({"state": a_tuple(tensor([1.0]), tensor([1.0], dtype="float32"))}),
    }
    assert DTYPE.judge(evidence(traces)) == Finding(
        message="`state` has dtype torch.float32 where the module has torch.float64.",
        expected="torch.float64",
        got="torch.float32",
        where="state",
        labels=("in float64",),
    )


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        pytest.param(
            Failure(kind="raised", text="expected m1 and m2 to have the same dtype,\n  but got: float != double"),
            "In float32 the run fails: expected m1 and m2 to have the same dtype, but got: float != double",
            id="of the dtype",
        ),
        pytest.param(RAISED, "Your code raised IndexError: list index out of range.", id="of something else"),
    ],
)
def test_dtype_stopped(failure, says):
    """A run that fails breaks the law; where it fails for the dtype, that is said."""
    assert DTYPE.judge(evidence({"in float32": seen(failure=failure)})).message == says


def test_device_variants():
    """Meta is everywhere, the others where there are any; some cases suit no other device."""
    light = CASE.with_options(light=True)
    on_meta = light.shortened(2).on(device="meta")
    assert DEVICE.variants(CASE) == {"on meta": on_meta}
    both = DeviceFollows(name="device", points=1, of=("state",), devices=("cuda",))
    assert both.variants(CASE) == {"on meta": on_meta, "on cuda": light.on(device="cuda")}
    assert DeviceFollows(name="device", points=1, of=("state",), suits=lambda case: False).wanted(CASE) == {}


IN_DOUBLE = DeviceFollows(name="device and dtype", points=1, of=("state",), dtypes=("float64",))


def test_further_dtypes():
    """With dtypes the law asks for a run in each, on the CPU."""
    light = CASE.with_options(light=True)
    assert IN_DOUBLE.variants(CASE)["in float64"] == light.on(dtype="float64")


def test_what_comes_in_further_dtypes():
    """Floating numbers of another dtype are told, and a run that fails with its dtype; whole numbers have their own."""
    single, double = seen({"state": tensor([1.0], dtype="float32")}), seen({"state": tensor([1.0])})
    reference = {"in float64": double}
    assert IN_DOUBLE.judge(evidence({"in float64": double}, reference)) is None
    finding = IN_DOUBLE.judge(evidence({"in float64": single}, reference))
    assert finding.message == "`state` has dtype torch.float32 where the module has torch.float64."
    whole = seen({"state": tensor([1], dtype="int64")})
    assert IN_DOUBLE.judge(evidence({"in float64": whole}, reference)) is None
    assert finding.labels == ("in float64",)
    failed = IN_DOUBLE.judge(evidence({"in float64": seen(failure=RAISED)}, reference))
    assert failed.message == "In float64: Your code raised IndexError: list index out of range."


def test_few_steps_on_meta():
    """Each step takes long there, and two show as much as seven; other devices get all of them."""
    part = Sequences(seeds=(1, 2, 3), lengths=(7, 1, 2), features=2, silent=(0,))
    case = Case(parts={"sequences": part, "windows": Windows(seeds=(4,), lengths=(5, 1), features=2, targets=1)})
    wanted = DeviceFollows(name="device", points=1, of=("state",), devices=("cuda",)).variants(case)
    assert wanted["on meta"]["sequences"] == dataclasses.replace(part, lengths=(2, 1, 2))
    assert wanted["on meta"]["windows"].lengths == (2, 1)
    assert wanted["on cuda"].parts == case.parts


def test_fewer_still_on_meta():
    """What else makes a case smaller does so there only."""
    fewer = DeviceFollows(
        name="device", points=1, of=("state",), devices=("cuda",), fewer=lambda case: case.with_options(calls=1)
    )
    options = {label: case.options for label, case in fewer.variants(CASE).items()}
    assert options == {"on meta": {"light": True, "calls": 1}, "on cuda": {"light": True}}


@pytest.mark.parametrize(
    ("law", "trace"),
    [
        pytest.param(DEVICE, seen(META), id="on meta"),
        pytest.param(DEVICE, seen({"state": plain(None)}), id="no tensor"),
        pytest.param(DEVICE, seen(META, failure=UNSUPPORTED), id="what torch can't do there"),
    ],
)
def test_device_holds(law, trace):
    """What is on the device of the module keeps the law; what torch can't do on meta says nothing."""
    assert law.judge(evidence({"on meta": trace})) is None


@pytest.mark.parametrize(
    ("law", "trace", "says"),
    [
        pytest.param(
            DEVICE,
            seen({"state": tensor([1.0])}),
            "`state` is on the device cpu, while the module is on another one (meta).",
            id="on the CPU",
        ),
        pytest.param(
            DEVICE,
            seen({"state": a_tuple(META["state"], tensor([1.0]))}, failure=UNSUPPORTED),
            "`state` is on the device cpu, while the module is on another one (meta).",
            id="seen before it stopped",
        ),
        pytest.param(
            DEVICE,
            seen(failure=MIXED),
            "With a module on another device than the CPU your code fails: "
            "Expected all tensors to be on the same device, but got mat1 is on cpu, different from meta",
            id="devices mixed",
        ),
        pytest.param(
            ALL,
            seen(failure=UNSUPPORTED),
            "What your code returned could not be used as it should be: "
            "NotImplementedError: Cannot copy out of meta tensor; no data!",
            id="where nothing needs numbers",
        ),
        pytest.param(
            DEVICE,
            seen(failure=Failure(kind="timeout", text="took longer than 10 seconds")),
            "A run did not end as it should: the submission took longer than 10 seconds.",
            id="timeout",
        ),
    ],
)
def test_device_broken(law, trace, says):
    """What is elsewhere, or fails for being elsewhere, breaks the law."""
    finding = law.judge(evidence({"on meta": trace}))
    assert (finding.message, finding.labels) == (says, ("on meta",))


def test_on_a_real_device():
    """On a real device every failure counts, and values must be the reference's."""
    law = DeviceFollows(name="device", points=1, of=("state",), devices=("cuda",))
    right, wrong = seen({"state": tensor([1.0], device="cuda")}), seen({"state": tensor([2.0], device="cuda")})
    assert law.judge(evidence({"on cuda": right}, {"on cuda": right})) is None
    assert law.judge(evidence({"on cuda": right})) is None
    assert law.judge(evidence({"on cuda": wrong}, {"on cuda": right}, axes={"state": ("feature",)})) == Finding(
        message="state, feature 0 is 2, expected 1.",
        expected="1",
        got="2",
        where="state, feature 0",
        labels=("on cuda",),
    )
    assert law.judge(evidence({"on cuda": seen(failure=UNSUPPORTED)})) is not None

"""Device and dtype follow: what is made has the dtype and the device of the module or the inputs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import tensors_of
from grader.properties.base import Evidence, Finding, Property, stopped, unseen
from grader.properties.comparison import LENIENT
from grader.properties.equivalence import compare_named

_DEVICE_WORDS = re.compile(
    r"(same|expected|two|different) devices?|not on the expected device|same device|1D CPU", re.I
)
_DTYPE_WORDS = re.compile(r"dtype|(float|double|half).*(double|float|half)|scalar type", re.I | re.S)
_STEPS_ON_META = 2  # the second one finds what was kept of the first; each takes a hundred times as long as on the CPU


def as_it_is(case: Case) -> Case:
    """A case that nothing makes smaller."""
    return case


@dataclass(frozen=True, kw_only=True, slots=True)
class DtypeFollows(Property):
    """In every one of ``dtypes``, all tensors observed as ``of`` have that dtype, too."""

    of: tuple[str, ...]
    dtypes: tuple[str, ...] = ("float32", "float64")

    law: ClassVar[str] = "the dtype is the module's"

    @property
    def of_dtypes(self) -> bool:
        return True

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {f"in {dtype}": case.with_options(light=True).on(dtype=dtype) for dtype in self.dtypes}

    def judge(self, evidence: Evidence) -> Finding | None:
        for label, trace in evidence.traces.items():
            failure = trace.failure
            if failure is not None and _DTYPE_WORDS.search(failure.text):
                message = f"{label[0].upper()}{label[1:]} the run fails: {' '.join(failure.text.split())[:200]}"
                return Finding(message=message, got=str(failure)[:200], where=failure.where, labels=(label,))
        return Property.judge(self, evidence)

    def compare(self, evidence: Evidence) -> Finding | None:
        for label, trace in evidence.traces.items():
            wanted = label.removeprefix("in ")
            for name in self.of:
                for value in trace.named(name):
                    for tensor in tensors_of(value):
                        if tensor.dtype != wanted:
                            return _of_dtype(name, tensor.dtype, wanted, label)
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceFollows(Property):
    """On another device everything observed as ``of`` is there, too, and on a real one equals the reference's.

    With ``dtypes`` the law speaks of these as well: there, on the CPU, all floating numbers have that dtype.

    The ``meta`` device is everywhere: it computes shapes, not numbers, and refuses to mix with the CPU, so that a
    missing ``device=`` shows on a machine without an accelerator. Not every function of torch runs on it: an error
    there that isn't about devices says nothing. Sequences and windows are cut to two steps there.

    Attributes:
        of: names of observations.
        devices: real devices to try besides ``meta``.
        dtypes: dtypes to try on the CPU, where most cases have another one.
        all_of_meta: whether every error on ``meta`` counts, because nothing in the exercise needs numbers.
        fewer: what else makes a case smaller there.
    """

    of: tuple[str, ...]
    devices: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    all_of_meta: bool = False
    fewer: Callable[[Case], Case] = as_it_is

    law: ClassVar[str] = "the device is the module's"

    @property
    def of_dtypes(self) -> bool:
        return bool(self.dtypes)

    def variants(self, case: Case) -> Mapping[str, Case]:
        light = case.with_options(light=True)
        on_meta = self.fewer(light.shortened(_STEPS_ON_META)).on(device="meta")
        return {
            **{f"in {dtype}": light.on(dtype=dtype) for dtype in self.dtypes},
            "on meta": on_meta,
            **{f"on {device}": light.on(device=device) for device in self.devices},
        }

    def judge(self, evidence: Evidence) -> Finding | None:
        for label, trace in evidence.traces.items():
            device = label.removeprefix("on ") if label.startswith("on ") else "cpu"
            dtype = label.removeprefix("in ") if label.startswith("in ") else None
            failure = trace.failure
            if failure is not None and (failure.kind != "raised" or device != "meta" or self.all_of_meta):
                return _told(stopped(failure, label, evidence), label)
            if failure is not None and _DEVICE_WORDS.search(failure.text):
                message = f"With a module on another device than the CPU your code fails: {failure.text[:200]}"
                return Finding(message=message, got=str(failure)[:200], where=failure.where, labels=(label,))
            if failure is None and (finding := unseen(self, label, evidence)) is not None:
                return finding
            for name in self.of:
                for value in trace.named(name):
                    for tensor in tensors_of(value):
                        if tensor.device != device:
                            return Finding(
                                message=f"`{name}` is on the device {tensor.device}, "
                                f"while the module is on another one ({device}).",
                                expected=f"device {device}",
                                got=f"device {tensor.device}",
                                where=name,
                                labels=(label,),
                            )
                        if dtype is not None and "float" in tensor.dtype and tensor.dtype != dtype:
                            return _of_dtype(name, tensor.dtype, dtype, label)
            finding = self._against_reference(evidence, label) if device not in ("cpu", "meta") else None
            if finding is not None:
                return finding
        return None

    def compare(self, evidence: Evidence) -> Finding | None:
        return self.judge(evidence)

    def _against_reference(self, evidence: Evidence, label: str) -> Finding | None:
        if evidence.reference is None:
            return None
        for name in self.of:
            pairs = zip(evidence.reference[label].named(name), evidence.traces[label].named(name), strict=False)
            finding = compare_named(name, list(pairs), evidence.axes, LENIENT)
            if finding is not None:
                return dataclasses.replace(finding, labels=(label,))
        return None


def _of_dtype(name: str, got: str, wanted: str, label: str) -> Finding:
    return Finding(
        message=f"`{name}` has dtype torch.{got} where the module has torch.{wanted}.",
        expected=f"torch.{wanted}",
        got=f"torch.{got}",
        where=name,
        labels=(label,),
    )


def _told(finding: Finding, label: str) -> Finding:
    """The finding with the dtype in which it came, where it is one of ``dtypes``."""
    if not label.startswith("in "):
        return finding
    return dataclasses.replace(finding, message=f"{label[0].upper()}{label[1:]}: {finding.message}")

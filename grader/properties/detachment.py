"""Detached: nothing that is handed on hangs on a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import tensors_of
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property


@dataclass(frozen=True, kw_only=True, slots=True)
class Detached(Property):
    """No tensor observed as ``of`` has a ``grad_fn``; with ``leaves_too``, none requires a gradient either."""

    of: tuple[str, ...]
    leaves_too: bool = False

    law: ClassVar[str] = "what is handed on is cut from the graph"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case}

    def compare(self, evidence: Evidence) -> Finding | None:
        for name in self.of:
            values = evidence.traces[AS_IT_IS].named(name)
            for number, value in enumerate(values):
                where = f"{name} (number {number + 1} of {len(values)})" if len(values) > 1 else name
                for tensor in tensors_of(value):
                    if tensor.grad_fn is not None:
                        return Finding(
                            message=f"{where} still hangs on the graph (grad_fn is {tensor.grad_fn}).",
                            expected="grad_fn=None",
                            got=f"grad_fn={tensor.grad_fn}",
                            where=where,
                        )
                    if self.leaves_too and tensor.requires_grad:
                        return Finding(
                            message=f"{where} requires a gradient, and should not.",
                            expected="requires_grad=False",
                            got="requires_grad=True",
                            where=where,
                        )
        return None

"""Contiguous: what is returned lies in memory as it is read, without gaps and without one number in two places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.cases import Case
from grader.execution.traces import tensors_of
from grader.properties.base import AS_IT_IS, Evidence, Finding, Property


@dataclass(frozen=True, kw_only=True, slots=True)
class Contiguous(Property):
    """Every tensor observed as one of ``of`` is contiguous.

    ``expand`` and ``transpose`` give views that are not; cuDNN refuses such a state, and so does ``view``.
    """

    of: tuple[str, ...]

    law: ClassVar[str] = "what is returned is contiguous"

    def variants(self, case: Case) -> Mapping[str, Case]:
        return {AS_IT_IS: case}

    def compare(self, evidence: Evidence) -> Finding | None:
        for name in self.of:
            values = evidence.traces[AS_IT_IS].named(name)
            for number, value in enumerate(values):
                where = f"{name} (number {number + 1} of {len(values)})" if len(values) > 1 else name
                for tensor in tensors_of(value):
                    if not tensor.contiguous:
                        return Finding(
                            message=f"{where} holds a tensor of shape {tensor.shape} that is not contiguous.",
                            expected="is_contiguous() is True",
                            got="is_contiguous() is False",
                            where=where,
                        )
        return None

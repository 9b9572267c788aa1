"""What the author of an exercise imports; everything else is reached by its module.

Names are loaded when they are first used: the processes that run submissions import parts of this package and must
not get Hypothesis with them.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers see it; ``typing`` itself would be loaded before anybody can interrupt
if TYPE_CHECKING:
    from typing import Any

    from grader import properties, strategies
    from grader.cases import Call, Case, Program, RnnSpec, Sequences, State, Windows
    from grader.course import Exercise

__version__ = "0.1.0"

__all__ = [
    "Call",
    "Case",
    "Exercise",
    "Program",
    "RnnSpec",
    "Sequences",
    "State",
    "Windows",
    "__version__",
    "properties",
    "strategies",
]


def __getattr__(name: str) -> Any:
    import importlib

    if name in ("properties", "strategies"):
        return importlib.import_module(f"grader.{name}")
    if name == "Exercise":
        return importlib.import_module("grader.course").Exercise
    if name in __all__:
        return getattr(importlib.import_module("grader.cases"), name)
    raise AttributeError(f"module 'grader' has no attribute {name!r}")

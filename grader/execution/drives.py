"""An exercise's drive, made ready to run beside a submission.

How it works: what works beside a submission must not be reached by it (``hiding``), must be seen when it is changed
(``integrity``), and may look where a submission may not (``watching``). Most of that is the same for every submission
of an exercise. So the fork server does it once for each drive, and the workers that it forks find it done; a worker
that was started on its own does it itself.
"""

from __future__ import annotations

import operator
import sys
import types
from functools import cache
from typing import Any, NamedTuple

from grader.execution import before
from grader.execution.codes import codes_of
from grader.execution.hiding import equip, seal, seal_ours
from grader.execution.integrity import Integrity, Mentioned, mentioned, remember

_OBSERVING = tuple(f"grader.execution.{name}" for name in ("materials", "observation"))
_OTHERS = (
    "grader.cases",
    *(f"grader.execution.{name}" for name in ("costs", "loading", "protocol", "worker")),
)
_OUT_OF_REACH = tuple(
    f"grader.execution.{name}" for name in ("asking", "before", "codes", "drives", "hiding", "integrity", "watching")
)


class Drive(NamedTuple):
    """A drive that is ready.

    Attributes:
        module: the module that it is.
        may_look: code of the drive and of the grader, which may look as libraries may.
        spaces: namespaces that it runs in.
        integrity: what says whether a submission has changed what a run relies on.
    """

    module: types.ModuleType
    may_look: tuple[types.CodeType, ...]
    spaces: tuple[dict[str, Any], ...]
    integrity: Integrity


DRIVE = "<drive>"  # one that no file of a submission can have, and theirs may be called drive.py
_ready: dict[str, Drive] = {}  # by source


def prepare() -> None:
    """Readies this process for drives; once, before it forks workers or becomes one."""
    seal_ours()
    equip(_modules(*_OBSERVING, *_OTHERS, *_OUT_OF_REACH))


def ready(source: str) -> Drive:
    """The drive of that source, executed and made ready here unless it has been before; raises what it raises."""
    if source not in _ready:
        module = types.ModuleType(DRIVE)
        exec(compile(source, DRIVE, "exec", dont_inherit=True), module.__dict__)
        beside = _modules(*_OBSERVING, *_OTHERS)
        found = Mentioned(*map(operator.or_, mentioned([module]), _mentioned_in_observing()))
        modules = (module, *beside, *_modules(*_OUT_OF_REACH))
        may_look = tuple(code for each in modules for code in codes_of(each))
        seal([module])
        equip([module])
        spaces = tuple(vars(each) for each in modules)
        before.note()
        _ready[source] = Drive(module, may_look, spaces, remember(module, beside, found))
    return _ready[source]


@cache
def _mentioned_in_observing() -> Mentioned:
    return mentioned(_modules(*_OBSERVING))


def _modules(*names: str) -> list[types.ModuleType]:
    return [sys.modules[name] for name in names]

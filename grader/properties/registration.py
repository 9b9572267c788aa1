"""Registration: a module has the parameters and buffers that it should have, by name and shape, and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from grader.properties.comparison import Strictness
from grader.properties.equivalence import Equivalence

_TRAINABLE = Strictness(flags=("requires_grad",))


@dataclass(frozen=True, kw_only=True, slots=True)
class Registers(Equivalence):
    """What a module has registered, observed as dicts or lists of names, is what the reference has registered.

    As ``Equivalence``, but it shows no effort: a module may have the right parameters and do nothing with them.
    """

    strictness: Strictness = _TRAINABLE

    shows_effort: ClassVar[bool] = False
    law: ClassVar[str] = "registers its parameters and nothing else"

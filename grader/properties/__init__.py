"""The laws that runs are judged by, one a file; each can be used in any exercise."""

from grader.properties.arguments import ArgumentsUnchanged
from grader.properties.base import Evidence, Finding, Property
from grader.properties.chunks import ChunksEqualWhole
from grader.properties.comparison import Strictness
from grader.properties.contiguity import Contiguous
from grader.properties.cost import CostsNothing
from grader.properties.detachment import Detached
from grader.properties.devices import DeviceFollows, DtypeFollows
from grader.properties.equivalence import Equivalence
from grader.properties.freshness import Fresh
from grader.properties.gradients import Gradients
from grader.properties.isolation import Isolation
from grader.properties.learning import TrainingLearns
from grader.properties.memory import MemoryFlat
from grader.properties.refusal import Refuses
from grader.properties.registration import Registers
from grader.properties.release import MemoryReleased
from grader.properties.residue import LeavesNothing
from grader.properties.runs import EquivalentRuns
from grader.properties.saving import StateDictRoundTrip
from grader.properties.sharing import NotShared
from grader.properties.work import LinearWork

__all__ = [
    "ArgumentsUnchanged",
    "ChunksEqualWhole",
    "Contiguous",
    "CostsNothing",
    "Detached",
    "DeviceFollows",
    "DtypeFollows",
    "Equivalence",
    "EquivalentRuns",
    "Evidence",
    "Finding",
    "Fresh",
    "Gradients",
    "Isolation",
    "LeavesNothing",
    "LinearWork",
    "MemoryFlat",
    "MemoryReleased",
    "NotShared",
    "Property",
    "Refuses",
    "Registers",
    "StateDictRoundTrip",
    "Strictness",
    "TrainingLearns",
]

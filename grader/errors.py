"""What can go wrong, in three voices: the grader was used wrongly, the grader broke, the submission is wrong.

GraderError
├── UsageError          exit code 2: the caller can mend it (a path, an option, an exercise that is not sound)
├── InternalFault       exit code 3: the grader or the machine under it broke; never a verdict
└── SubmissionProblem   a verdict: the submission can't be run at all, and says why
    └── NotHandedIn     it has nothing that could be meant for the exercise
"""


class GraderError(Exception):
    """Base of all errors that the command line turns into one message and an exit code."""

    exit_code = 3


class UsageError(GraderError):
    """The grader was asked for something that can't be done as asked."""

    exit_code = 2


class InternalFault(GraderError):
    """The grader, or what it stands on, failed; nothing is said about any submission."""

    exit_code = 3


class SubmissionProblem(GraderError):
    """The submission can't be run; the message is for the student."""

    exit_code = 1


class NotHandedIn(SubmissionProblem):
    """The submission defines nothing of what an exercise asks for, and nothing that is called nearly so."""

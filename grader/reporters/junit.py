"""The report as JUnit XML: a suite for each exercise of a submission, a case for each law.

A law that was broken is a failure, one that could not be tried an error, one that was not checked skipped. A law whose
failure did not happen again passes, and its remark is the case's output.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.report import ExerciseResult, PropertyResult, Report, SubmissionResult
from grader.reporters import TO_READ, looks_like, nothing_ran, to_read, told

_TAGS = {"failed": "failure", "error": "error", "skipped": "skipped"}
_COUNTS = {"failed": "failures", "error": "errors", "skipped": "skipped"}


def render(report: Report) -> str:
    """The whole report."""
    root = Element("testsuites", name="grader")
    for submission in report.submissions:
        for exercise in submission.exercises:
            root.append(_suite(submission, exercise))
        if nothing_ran(submission):
            root.append(_not_run(submission))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, 0)) for suite in root)))
    root.set("time", f"{sum(each.seconds for each in report.submissions):.3f}")
    indent(root)
    # a line that begins so would be a command to GitHub, in whose log it may stand
    text = tostring(root, encoding="unicode").replace("\n::", "\n&#58;:")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _suite(submission: SubmissionResult, exercise: ExerciseResult) -> Element:
    laws = exercise.properties
    name = f"{submission.path}: {exercise.name}"
    suite = Element("testsuite", name=name, tests=str(len(laws)), time=f"{exercise.seconds:.3f}")
    for status, count in _COUNTS.items():
        suite.set(count, str(sum(law.status == status for law in laws)))
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="score", value=str(exercise.score))
    SubElement(properties, "property", name="max_score", value=str(exercise.max_score))
    for law in laws:
        # consumers take cases for the same one that have the same class and name
        case = SubElement(suite, "testcase", name=law.name, classname=name, file=exercise.path or submission.path)
        if exercise.line is not None:
            case.set("line", str(exercise.line))
        _say(case, law)
    parts = [*looks_like(exercise)]
    if exercise.remarks:
        parts.append("\n".join([TO_READ, *to_read(exercise)]))
    if exercise.printed:
        parts.append(f"It printed:\n{exercise.printed}")
    if parts:
        SubElement(suite, "system-out").text = "\n\n".join(parts)
    return suite


def _say(case: Element, law: PropertyResult) -> None:
    if law.status in _TAGS:
        said = SubElement(case, _TAGS[law.status], message=law.message)
        if law.status != "skipped":
            said.set("type", law.status)
            said.text = told(law)
    elif law.message:
        SubElement(case, "system-out").text = law.message


def _not_run(submission: SubmissionResult) -> Element:
    message = nothing_ran(submission)
    time = f"{submission.seconds:.3f}"
    suite = Element("testsuite", name=submission.path, tests="1", failures="0", errors="1", skipped="0", time=time)
    properties = SubElement(suite, "properties")
    for name in ("score", "max_score"):
        SubElement(properties, "property", name=name, value="0")
    case = SubElement(suite, "testcase", name="something to grade", classname=submission.path, file=submission.path)
    SubElement(case, "error", message=message, type="error").text = message
    return suite

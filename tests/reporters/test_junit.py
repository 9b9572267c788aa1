"""JUnit XML: read by a consumer, held to the structure that consumers share, whatever a submission says."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from junitparser import Error, Failure, JUnitXml, Skipped

from grader.report import Report
from grader.reporters.junit import render
from tests.reporters.reports import NOTHING, PASSED, UNTIMED, WHOLE, reports

COUNTS = {"tests", "failures", "errors", "skipped"}
# for each element: attributes that must be there, those that may be, and what may stand in it
STRUCTURE = {
    "testsuites": ({"name", "time", *COUNTS}, set(), {"testsuite"}),
    "testsuite": ({"name", "time", *COUNTS}, set(), {"properties", "testcase", "system-out"}),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name", "classname", "file"}, {"line"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"message", "type"}, set(), set()),
    "error": ({"message", "type"}, set(), set()),
    "skipped": ({"message"}, set(), set()),
    "system-out": (set(), set(), set()),
}
TEXT_ONLY = {"failure", "error", "system-out"}

WHOLE_AS_TEXT = """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites name="grader" tests="6" failures="2" errors="1" skipped="1" time="0.500">
  <testsuite name="hw.py: init_hidden" tests="4" time="0.250" failures="2" errors="0" skipped="0">
    <properties>
      <property name="score" value="6" />
      <property name="max_score" value="10" />
    </properties>
    <testcase name="right shape" classname="hw.py: init_hidden" file="hw.py" line="4">
      <failure message="It has shape (2, 3)." type="failed">It has shape (2, 3).

Where: state
Expected: (3, 2)
Got: (2, 3)

The smallest case, to run:

print(1)
</failure>
    </testcase>
    <testcase name="no copy" classname="hw.py: init_hidden" file="hw.py" line="4">
      <failure message="Your code raised ValueError." type="failed">Your code raised ValueError.

Where: hw.py, line 9, in init_hidden

The smallest case, to run:

print(2)
</failure>
    </testcase>
    <testcase name="flat" classname="hw.py: init_hidden" file="hw.py" line="4" />
    <testcase name="dtype follows" classname="hw.py: init_hidden" file="hw.py" line="4">
      <system-out>It failed once.</system-out>
    </testcase>
    <system-out>Looks like: Batch axis first
The state is never batch-first.
Hint: What does each axis count?

For whoever gives the marks to read: no exercise needs this. It costs no points.
hw.py, line 2: ctypes reaches far

It printed:
hello
</system-out>
  </testsuite>
  <testsuite name="hw.py: unroll" tests="2" time="0.000" failures="0" errors="1" skipped="1">
    <properties>
      <property name="score" value="0" />
      <property name="max_score" value="5" />
    </properties>
    <testcase name="outputs" classname="hw.py: unroll" file="hw.py">
      <error message="hw.py, line 2 is not Python." type="error">hw.py, line 2 is not Python.</error>
    </testcase>
    <testcase name="isolated" classname="hw.py: unroll" file="hw.py">
      <skipped message="Not checked." />
    </testcase>
  </testsuite>
</testsuites>
"""


def check_structure(element: ElementTree.Element) -> None:
    required, optional, inner = STRUCTURE[element.tag]
    assert required <= set(element.attrib) <= required | optional, element.tag
    assert {child.tag for child in element} <= inner, element.tag
    for name in COUNTS & set(element.attrib):
        assert int(element.attrib[name]) >= 0
    if "time" in element.attrib:
        assert float(element.attrib["time"]) >= 0
    if element.tag not in TEXT_ONLY:
        assert not (element.text or "").strip()
    assert not (element.tail or "").strip()
    for child in element:
        check_structure(child)


def test_whole_output() -> None:
    """A report of everything at once reads exactly like this."""
    assert render(WHOLE) == WHOLE_AS_TEXT


@UNTIMED
@given(reports)
def test_every_report_fits_the_structure(report: Report) -> None:
    """Whatever stands in a report, it is XML 1.0 of this structure, and the counts are those of the cases."""
    root = ElementTree.fromstring(render(report).encode())
    assert root.tag == "testsuites"
    check_structure(root)
    for counted in (root, *root):
        assert int(counted.attrib["tests"]) == len(list(counted.iter("testcase")))
        for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(counted.attrib[count]) == len(list(counted.iter(tag)))
    keys = [(case.attrib["classname"], case.attrib["name"]) for case in root.iter("testcase")]
    laws = [law for each in report.submissions for exercise in each.exercises for law in exercise.properties]
    assert len(keys) == len(laws) + sum(not each.exercises for each in report.submissions)


@UNTIMED
@given(reports)
def test_a_consumer_reads_what_the_report_says(report: Report) -> None:
    """junitparser finds every law with its result and its message, and the score of every exercise."""
    read = JUnitXml.fromstring(render(report).encode())
    exercises = [(each, exercise) for each in report.submissions for exercise in each.exercises or (None,)]
    for suite, (submission, exercise) in zip(read, exercises, strict=True):
        scores = {each.name: each.value for each in suite.properties()}
        if exercise is None:
            (case,) = suite
            assert (type(case.result[0]), case.result[0].message) == (Error, submission.message)
            assert scores == {"score": "0", "max_score": "0"}
            continue
        assert scores == {"score": str(exercise.score), "max_score": str(exercise.max_score)}
        for case, law in zip(suite, exercise.properties, strict=True):
            kinds = {"failed": Failure, "error": Error, "skipped": Skipped}
            found = [(type(each), each.message) for each in case.result]
            assert found == ([(kinds[law.status], law.message)] if law.status in kinds else [])
            assert (case.name, case.is_passed) == (law.name, law.earned)


@pytest.mark.parametrize(("report", "passed"), [(WHOLE, 2), (NOTHING, 0), (PASSED, 2)])
def test_nothing_passes_that_did_not(report: Report, passed: int) -> None:
    """A consumer counts as passed what was kept, and nothing where nothing could be graded."""
    cases = [case for suite in JUnitXml.fromstring(render(report).encode()) for case in suite]
    assert sum(case.is_passed for case in cases) == passed
    assert cases

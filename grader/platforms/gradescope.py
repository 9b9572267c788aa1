"""What Gradescope gives as "Download Submissions": ``assignment_1_export/`` with a folder a submission, and metadata.

``submission_metadata.yml`` is written by Ruby: for each folder ``submission_1`` a mapping with ``:submitters:`` (a list
of ``:name:``, ``:sid:``, ``:email:``; several for a group), ``:created_at:``, ``:score:``, ``:results:`` and
``:history:`` (earlier submissions of the same, each with its own results). It says nothing of lateness.

How it is read: as events of PyYAML's safe loader, which knows no Ruby, makes no objects and turns no student's number
into an octal one. What is not asked for, such as results, is skipped and takes no memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from grader.errors import SubmissionProblem
from grader.files import read_plain_file
from grader.plaintext import plain_name
from grader.platforms.collection import NOTHING, Collection, HandedIn, is_folder, utc

METADATA = "submission_metadata.yml"
_MAX_BYTES = 48 << 20
_MAX_DEPTH = 8
_FOLDER = re.compile(r"submission_\d+")
_KEPT = frozenset({"submitters", "name", "sid", "email", "created_at", "history"})
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def recognises(collection: Collection, folder: Path) -> bool:
    """Whether the metadata are in a folder, or all in it is named as Gradescope names it."""
    there = collection.inside(folder)
    named = bool(there) and all(_FOLDER.fullmatch(each.name) for each in there)
    return (folder / METADATA).is_file() or named


def read(collection: Collection, folder: Path) -> list[HandedIn]:
    """One for each submitter of each submission; the student's number is the id, else the address."""
    metadata = _metadata(collection, folder / METADATA)
    there = {collection.name(each): each for each in collection.inside(folder) if each.name != METADATA}
    handed_in: list[HandedIn] = []
    for key, entry in metadata.items():
        handed_in += _of_submission(collection, folder, key, entry, there.pop(key, None))
    for name, path in there.items():
        if not is_folder(path):
            collection.remarks.append(f"{collection.shown(path)} is passed over: no submission.")
            continue
        if metadata:
            collection.remarks.append(
                f"{METADATA} does not name {collection.shown(path)}; this is the student's id then."
            )
        given, problem = collection.submission_in(path)
        handed_in.append(HandedIn(student=plain_name(name), path=given, shown=collection.shown(path), problem=problem))
    return handed_in


def _of_submission(
    collection: Collection, folder: Path, key: str, entry: dict[str, Any], path: Path | None
) -> Iterator[HandedIn]:
    if path is None:
        given = folder / "none"
        problem = collection.refused_in((*collection.parts(folder), key)) or NOTHING
    else:
        given, problem = collection.submission_in(path) if is_folder(path) else (path, "")
    submitters = [each for each in _list(entry.get("submitters")) if isinstance(each, dict)]
    if not submitters:
        collection.remarks.append(f"{METADATA} names no student for {plain_name(key)}; this is the student's id then.")
    for each in submitters or [{}]:
        told = {name: plain_name(value.strip()) for name, value in each.items() if isinstance(value, str)}
        created = entry.get("created_at")
        yield HandedIn(
            student=told.get("sid") or told.get("email") or plain_name(key),
            name=told.get("name", ""),
            email=told.get("email", ""),
            path=given,
            shown=plain_name(key) if path is None else collection.shown(path),
            handed_in=utc(created) if isinstance(created, str) else None,
            attempt=len(_list(entry.get("history"))) + 1,
            problem=problem,
        )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _metadata(collection: Collection, path: Path) -> dict[str, dict[str, Any]]:
    """What the metadata say by folder; empty, with a remark, where they say nothing that can be read."""
    then = "The names of the folders are the students' ids then."
    try:
        found = _parsed(read_plain_file(path, METADATA, _MAX_BYTES))
    except FileNotFoundError:
        collection.remarks.append(f"There is no {METADATA}. {then}")
    except OSError as error:
        collection.remarks.append(f"{METADATA} can't be read: {error.strerror}. {then}")
    except SubmissionProblem as problem:
        collection.remarks.append(f"{problem} {then}")
    except (yaml.YAMLError, UnicodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark is not None else ""
        collection.remarks.append(f"{METADATA} is broken{place}. {then}")
    else:
        submissions = found.items() if isinstance(found, dict) else ()
        if named := {key: entry for key, entry in submissions if key and isinstance(entry, dict)}:
            return named
        collection.remarks.append(f"{METADATA} names no submission. {then}")
    return {}


def _parsed(raw: bytes) -> Any:
    events = (event for event in yaml.parse(raw, Loader=_LOADER) if not isinstance(event, _AROUND))
    first = next(events, None)
    return None if first is None else _value(first, events, {}, 0)


_AROUND = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


def _value(event: Any, events: Iterator[Any], anchors: dict[str, Any], depth: int) -> Any:
    """The texts, lists and mappings that begin with an event, but for what nobody asks for."""
    if isinstance(event, yaml.AliasEvent):
        return anchors.get(event.anchor)
    value: Any = None
    if isinstance(event, yaml.ScalarEvent):
        value = event.value
    elif depth > _MAX_DEPTH:
        _skip(event, events)
    elif isinstance(event, yaml.SequenceStartEvent):
        value = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            value.append(_value(inner, events, anchors, depth + 1))
    else:
        value = {}
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            key = _value(inner, events, anchors, depth + 1)
            name = key.removeprefix(":") if isinstance(key, str) else ""
            if depth == 0 or name in _KEPT:
                value[name] = _value(next(events), events, anchors, depth + 1)
            else:
                _skip(next(events), events)
    if event.anchor:
        anchors[event.anchor] = value
    return value


def _skip(event: Any, events: Iterator[Any]) -> None:
    depth = 0
    while True:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth == 0:
            return
        event = next(events)

"""The objects in a text: which kinds they are, and whether their fields are those of the kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from controller.engine.admission.shape import described, read
from controller.engine.errors import BadRequest
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.manifests.conversion import SERVED
from controller.manifests.faults import MOST_FAULTS, Fault, Faulty, Overgrown, Unreadable, in_order
from controller.manifests.places import Places, Wrong
from controller.manifests.text import Root, read_yaml

MOST_OBJECTS = 200


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a text: the line on which it begins, and its number among all, both from 1."""

    kind: str
    manifest: Manifest
    line: int
    number: int = 1


@dataclass(frozen=True, slots=True)
class Inspected:
    """The objects of a text that could be read, and what is wrong with the others."""

    documents: list[Document]
    faults: list[Fault]


def read_documents(text: str) -> list[Document]:
    """Return the objects of a YAML or JSON text, several documents and ``kind: List`` included.

    TooLarge beyond 1 MiB, 200 objects or what aliases may spell out. BadRequest for everything else:
    for text that cannot be read with line and column; else every fault of every object is listed, one
    a line. Types are checked and unknown fields refused; the rules of the kinds are ``admit_create``'s.
    """
    found = inspect(text)
    if found.faults:
        raise Faulty(found.faults)
    return found.documents


def inspect(text: str) -> Inspected:
    """Return the objects of a text and the faults of those that are none of their kinds.

    Raises what ``read_documents`` raises of a text that cannot be read at all.
    """
    objects = [found for root in read_yaml(text) for found in _objects(root)]
    if not objects:
        raise Unreadable(None, "The text holds no object: write at least apiVersion, kind and metadata.name")
    if len(objects) > MOST_OBJECTS:
        said = f"The text holds {len(objects)} objects; at most {MOST_OBJECTS} are accepted at once"
        raise Overgrown(None, said)
    documents, wrongs = [], list[tuple[int, Wrong]]()
    for at, one in enumerate(objects):
        try:
            kind = _kind(one.value)
        except BadRequest as error:
            wrongs.append((at, Wrong("", str(error))))
            continue
        reading = read(kind, one.value)
        wrongs += [(at, Wrong(cause.field, str(cause))) for cause in reading.wrong]
        wrongs += [(at, Wrong(path, f'unknown field "{path}"')) for path in reading.unknown]
        if not reading.wrong and not reading.unknown:
            documents.append(Document(kind, reading.manifest, one.line, at + 1))
    if not wrongs:
        return Inspected(documents, [])
    places = Places(text)
    return Inspected(documents, in_order(places.fault(at, wrong) for at, wrong in wrongs[:MOST_FAULTS]))


def _objects(root: Root) -> Iterator[Root]:
    """Yield a document, or what it holds if it is a List."""
    value = root.value
    if isinstance(value, dict) and value.get("kind") == "List" and isinstance(value.get("items"), list):
        yield from (Root(item, root.line) for item in value["items"])
    else:
        yield root


def _kind(raw: Any) -> str:  # noqa: ANN401 - whatever the text held
    """Return the kind that an object says it is of, if that is known in the version it says."""
    if not isinstance(raw, dict):
        raise BadRequest(f"an object with apiVersion and kind is wanted, not {described(raw)}")
    kind, version = raw.get("kind"), raw.get("apiVersion")
    missing = [
        name for name, value in (("apiVersion", version), ("kind", kind)) if value is None or value == ""
    ]
    if missing:
        raise BadRequest(" and ".join(missing) + (" is missing" if len(missing) == 1 else " are missing"))
    if not isinstance(kind, str) or not isinstance(version, str):
        raise BadRequest(f"apiVersion and kind are texts, not {described(version)} and {described(kind)}")
    if kind in KINDS and version == KINDS[kind].api_version:
        return kind
    raise BadRequest(f'no matches for kind "{kind}" in version "{version}": {_cure(kind, version)}')


def _cure(kind: str, version: str) -> str:
    """Return what to write instead."""
    if kind in KINDS:
        right = f'write "apiVersion: {KINDS[kind].api_version}"'
        return f"Kubernetes removed it; {right}" if (version, kind) in SERVED else right
    near = get_close_matches(kind.title(), KINDS, n=1)
    if near:
        return f'write "kind: {near[0]}"'
    return "a simulated cluster knows " + ", ".join(sorted(KINDS))

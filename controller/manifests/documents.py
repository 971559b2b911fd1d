"""The objects in a text: which kinds they are, and whether their fields are those of the kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from controller.engine.admission.shape import described, strictly_typed
from controller.engine.errors import BadRequest, TooLarge
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.manifests.conversion import SERVED
from controller.manifests.places import Places
from controller.manifests.text import Root, read_yaml

MOST_OBJECTS = 200


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a text, and the line (from 1) on which it begins."""

    kind: str
    manifest: Manifest
    line: int


def read_documents(text: str) -> list[Document]:
    """Return the objects of a YAML or JSON text, several documents and ``kind: List`` included.

    TooLarge beyond 1 MiB, 200 objects or what aliases may spell out. BadRequest for everything else:
    for text that cannot be read with line and column; else every fault of every object is listed, one
    a line. Types are checked and unknown fields refused; the rules of the kinds are ``admit_create``'s.
    """
    objects = [found for root in read_yaml(text) for found in _objects(root)]
    if not objects:
        raise BadRequest("The text holds no object: write at least apiVersion, kind and metadata.name")
    if len(objects) > MOST_OBJECTS:
        raise TooLarge(f"The text holds {len(objects)} objects; at most {MOST_OBJECTS} are accepted at once")
    found, faults = [], []
    for at, one in enumerate(objects):
        try:
            kind = _kind(one.value)
            found.append(Document(kind, strictly_typed(kind, one.value), one.line))
        except BadRequest as error:
            faults.append((at, one.line, str(error)))
    if faults:
        places, several = Places(text), len(objects) > 1
        told = (
            (_about(at, line) if several else "") + places.with_lines(at, said) for at, line, said in faults
        )
        raise BadRequest("\n".join(told))
    return found


def _about(at: int, line: int) -> str:
    return f"Document {at + 1}, line {line}: "


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

"""The forms in which clients take objects: whole, as rows of a Table, or only their metadata.

An object comes as text and is parsed only if its form needs a look inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from controller.apiserver import conversion
from controller.apiserver.call import Call
from controller.apiserver.columns import columns_of
from controller.engine.errors import BadRequest, NotAcceptable
from controller.engine.kinds import Kind
from controller.engine.objects import Manifest

TABLE = "Table"
METADATA = "PartialObjectMetadata"
META_VERSIONS = ("v1", "v1beta1")
INCLUDE = ("", "Metadata", "None", "Object")
JSON = frozenset({"application/json", "application/yaml", "application/*", "*/*"})
Parse = Callable[[], Manifest]

_PARAMETER = re.compile(r"\s*;\s*([a-z]+)=\"?([^;\"]*)\"?")


@dataclass(frozen=True, slots=True)
class Shape:
    """One form of the objects of a kind. ``form`` is "" for whole objects, ``TABLE`` or ``METADATA``.

    ``meta`` is the version of the form, ``include`` says how much of the object a row holds, ``api``
    is the version of the kind that was asked for.
    """

    kind: Kind
    api: str
    form: str = ""
    meta: str = "v1"
    include: str = "Metadata"

    @property
    def meta_version(self) -> str:
        """Return the apiVersion of the form."""
        return f"meta.k8s.io/{self.meta}"

    def object(self, text: str, parse: Parse) -> bytes:
        """Return a single object as JSON."""
        if self.form == TABLE:
            return self.table([self.row(parse(), datetime.now(UTC))], {}, version=_version(parse()))
        return self.item(text, parse)

    def item(self, text: str, parse: Parse) -> bytes:
        """Return an object as JSON, in a form that is no Table."""
        if self.form == METADATA:
            return orjson.dumps(self._metadata(parse()))
        if self.api != self.kind.api_version:
            return orjson.dumps(self._dressed(parse()))
        return text.encode()

    def row(self, manifest: Manifest, now: datetime) -> bytes:
        """Return an object as a row of a Table."""
        columns = columns_of(self.kind.name)
        row: dict[str, Any] = {"cells": columns.cells(manifest, now)}
        if conditions := columns.conditions(manifest):
            row["conditions"] = conditions
        if self.include == "Object":
            row["object"] = self._dressed(manifest)
        elif self.include != "None":
            row["object"] = self._metadata(manifest)
        return orjson.dumps(row)

    def table(self, rows: Iterable[bytes], meta: Manifest, *, version: str, headed: bool = True) -> bytes:
        """Return a Table of rows; one that is not ``headed`` follows on one that is."""
        defined = columns_of(self.kind.name).definitions if headed else None
        head = {
            "kind": TABLE,
            "apiVersion": self.meta_version,
            "metadata": {"resourceVersion": version, **meta},
            "columnDefinitions": defined,
        }
        return orjson.dumps(head)[:-1] + b',"rows":[' + b",".join(rows) + b"]}"

    def list(self, items: Iterable[bytes], meta: Manifest, *, version: str) -> bytes:
        """Return a list of items that are in this form."""
        if self.form == TABLE:
            return self.table(items, meta, version=version)
        kind = f"{METADATA}List" if self.form else f"{self.kind.name}List"
        api = self.meta_version if self.form else self.api
        head = {"kind": kind, "apiVersion": api, "metadata": {"resourceVersion": version, **meta}}
        return orjson.dumps(head)[:-1] + b',"items":[' + b",".join(items) + b"]}"

    def line(self, verb: str, text: str, parse: Parse, *, headed: bool, now: datetime) -> bytes:
        """Return an object as an event of a watch; ``headed`` if it is to bring a Table's columns."""
        if self.form == TABLE:
            manifest = parse()
            row = self.row(manifest, now)
            shown = self.table([row], {}, version=_version(manifest), headed=headed)
        else:
            shown = self.item(text, parse)
        return event(verb, shown)

    def bookmark(self, number: int, *, initial: bool) -> bytes:
        """Return the line that only tells how far a watch is; ``initial`` ends its initial events."""
        meta: Manifest = {"resourceVersion": str(number), "creationTimestamp": None}
        if initial:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        if self.form == TABLE:
            shown: Manifest = {"kind": METADATA, "apiVersion": self.meta_version, "metadata": meta}
            row = orjson.dumps({"cells": [], "object": shown})
            return event("BOOKMARK", self.table([row], {}, version=str(number), headed=False))
        kind, api = (METADATA, self.meta_version) if self.form else (self.kind.name, self.api)
        return event("BOOKMARK", orjson.dumps({"kind": kind, "apiVersion": api, "metadata": meta}))

    def _dressed(self, manifest: Manifest) -> Manifest:
        return conversion.in_group(self.api.rpartition("/")[0], manifest)

    def _metadata(self, manifest: Manifest) -> Manifest:
        return {"kind": METADATA, "apiVersion": self.meta_version, "metadata": manifest["metadata"]}


def event(verb: str, content: bytes) -> bytes:
    """Return a line of a watch."""
    return b'{"type":"%s","object":%s}\n' % (verb.encode(), content)


def _version(manifest: Manifest) -> str:
    return str(manifest["metadata"].get("resourceVersion") or "")


def shape_of(call: Call) -> Shape:
    """Return the first form that the client takes and there is. Raises NotAcceptable, BadRequest."""
    api = f"{call.group}/{call.version}" if call.group else call.version
    include = call.query.get("includeObject", "")
    if include not in INCLUDE:
        raise BadRequest(f'unrecognized includeObject value: "{include}"')
    for wish in call.accept.split(",") if call.accept.strip() else ["*/*"]:
        media, parameters = wish.split(";")[0].strip().lower(), dict(_PARAMETER.findall(wish))
        form = parameters.get("as", "").removesuffix("List")
        served = not form or (form in {TABLE, METADATA} and parameters.get("v") in META_VERSIONS)
        if media in JSON and served:
            return Shape(call.kind, api, form, parameters.get("v", "v1"), include or "Metadata")
    raise NotAcceptable(["application/json", "application/yaml"])

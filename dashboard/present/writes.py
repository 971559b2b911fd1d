"""What an edit would store: how the YAML of each object that it writes differs from what is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller import manifests
from controller.engine.objects import Manifest
from controller.queries.whatif import Write
from dashboard.present.diffs import DiffLine, difference
from dashboard.present.links import object_url


@dataclass(frozen=True, slots=True)
class WriteRow:
    """An object that is written. ``url`` is "" if it is new."""

    kind: str
    name: str
    url: str
    diff: list[DiffLine]


def write_rows(cluster: str, writes: Iterable[Write]) -> list[WriteRow]:
    """Return the objects of which something is written that people write, too: defaults included."""
    rows = []
    for one in writes:
        kind, namespace, name = one.key
        lines = difference(_text(one.before), _text(one.after))
        if lines:
            url = object_url(cluster, kind, namespace, name) if one.before else ""
            rows.append(WriteRow(kind, f"{namespace}/{name}" if namespace else name, url, lines))
    return rows


def _text(manifest: Manifest | None) -> str:
    return manifests.dump(manifest) if manifest else ""

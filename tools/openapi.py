"""Write controller/apiserver/openapi.json.gz: the published types of all kinds that are served.

The source is that of tools/fields.py, which says how to get it:

    python -m tools.openapi schemas/kubernetes_validate/kubernetes-json-schema/v1.36.0-local
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from tools.fields import ROOTS, reachable

EVENTS = "io.k8s.api.events.v1.Event"


def plain(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a JSON schema as OpenAPI 3 writes it: one type, and references into its components."""
    if isinstance(schema, list):
        return [plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "oneOf" in schema:
        return {"oneOf": [plain(each) for each in schema["oneOf"]]}
    made = {key: plain(value) for key, value in schema.items() if key not in {"$ref", "type"}}
    if isinstance(schema.get("type"), list):
        made["type"] = next(each for each in schema["type"] if each != "null")
    elif "type" in schema:
        made["type"] = plain(schema["type"])
    if "$ref" not in schema:
        return made
    reference = {"$ref": schema["$ref"].replace("#/$defs/", "#/components/schemas/")}
    return {**made, "allOf": [reference]} if made else reference


def published(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a type without what its source added: the published ones leave apiVersion and kind open."""
    made: dict[str, Any] = plain(schema)
    for name in ("apiVersion", "kind"):
        made.get("properties", {}).get(name, {}).pop("enum", None)
    return made


def main() -> None:
    """Read the schemas of the folder that is named and write the file."""
    folder = Path(sys.argv[1])
    definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
    names = reachable(definitions, (*ROOTS, EVENTS), bare=True)
    found = {
        "version": folder.name.removesuffix("-local").removeprefix("v"),
        "schemas": {name: published(definitions[name]) for name in sorted(names)},
    }
    target = Path(__file__).parents[1] / "controller/apiserver/openapi.json.gz"
    text = json.dumps(found, separators=(",", ":"), sort_keys=True).encode()
    target.write_bytes(gzip.compress(text, compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()

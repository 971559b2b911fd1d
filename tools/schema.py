"""Write what Everynode knows of Kubernetes' types, from what is published (tools/published).

Two files come of it: controller/engine/schema.json, the table of types that reading, merging and field
ownership go by, and controller/apiserver/openapi.json.gz, the same types with their descriptions for
clients. Another version of a group is a line in GROUP_VERSIONS.

    python -m tools.schema            writes them
    python -m tools.schema --check    fails if they are not what would be written
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent.parent
PUBLISHED = BASE / "tools/published/kubernetes.json.gz"
MESSAGES = BASE / "controller/apiserver/messages.pb.gz"
TABLE = BASE / "controller/engine/schema.json"
OPENAPI = BASE / "controller/apiserver/openapi.json.gz"

GROUP_VERSIONS = (
    ("", "v1"),
    ("apps", "v1"),
    ("authentication.k8s.io", "v1"),
    ("authorization.k8s.io", "v1"),
    ("autoscaling", "v2"),
    ("autoscaling", "v1"),
    ("batch", "v1"),
    ("coordination.k8s.io", "v1"),
    ("discovery.k8s.io", "v1"),
    ("events.k8s.io", "v1"),
    ("networking.k8s.io", "v1"),
    ("node.k8s.io", "v1"),
    ("policy", "v1"),
    ("rbac.authorization.k8s.io", "v1"),
    ("scheduling.k8s.io", "v1"),
    ("storage.k8s.io", "v1"),
)
"""Whose kinds are taken in. Of two types with one name, that of the first keeps it as it is."""
EMPTY_SPEAKS = {("CronJobSpec", "timeZone"), ("PersistentVolumeClaimSpec", "storageClassName")}
"""Fields of strings, by type, of which "" is not the same as none: what is published does not say it."""
SCALARS = {"string": "", "boolean": "bool", "object": "any"}
FORMATS = {"byte": "bytes", "int32": "int32", "int64": "int64"}
ITEMS = "x-kubernetes-list-type"

Schema = dict[str, Any]
Definitions = dict[str, Schema]


def package_of(group: str) -> str:
    """Return the name of a group's package in Kubernetes' sources."""
    return group.partition(".")[0] or "core"


def roots(definitions: Definitions) -> list[str]:
    """Return the definitions of all kinds, in the order of the groups."""
    found = []
    for group, version in GROUP_VERSIONS:
        start = f"io.k8s.api.{package_of(group)}.{version}."
        for name, schema in sorted(definitions.items()):
            if name.startswith(start) and "x-kubernetes-group-version-kind" in schema:
                found.append(name)
    named = ("DeleteOptions", "Status")
    found += [f"io.k8s.apimachinery.pkg.apis.meta.v1.{name}" for name in named]
    return [name for name in found if not _is_list(definitions[name])]


def _is_list(schema: Schema) -> bool:
    return str(schema["properties"].get("metadata", {}).get("$ref", "")).endswith(".ListMeta")


def reachable(definitions: Definitions, start: list[str]) -> list[str]:
    """Return the names of the definitions, each followed by all that it refers to."""
    found: dict[str, None] = {}
    waiting = start[::-1]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += re.findall(r'#/\$defs/([\w.-]+)"', json.dumps(definitions[name]))
    return list(found)


def short_names(names: list[str]) -> dict[str, str]:
    """Return what the table calls each definition: its last word, or the last three if that is taken."""
    made: dict[str, str] = {}
    for name in names:
        *_, package, version, last = name.split(".")
        made[name] = f"{package}.{version}.{last}" if last in made.values() else last
    return made


def spelled(schema: Schema, names: dict[str, str]) -> str:
    """Return a field's type: "" for a string, ``[]type`` for a list of it, ``{}type`` for a map of it."""
    if "$ref" in schema:
        return names[schema["$ref"].removeprefix("#/$defs/")]
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if kind == "array":
        return "[]" + spelled(schema["items"], names)
    if "additionalProperties" in schema:
        return "{}" + spelled(schema["additionalProperties"], names)
    if kind == "integer":
        return str(schema.get("format", "int64"))
    return FORMATS.get(schema.get("format", ""), SCALARS[kind])


def merging(schema: Schema) -> Iterator[tuple[str, object]]:
    """Yield what is said of how a field or a type is merged."""
    strategies = schema.get("x-kubernetes-patch-strategy", "").split(",")
    if "merge" in strategies:
        yield "patch", schema.get("x-kubernetes-patch-merge-key", "")
    if schema.get(ITEMS) == "map":
        yield "keys", schema["x-kubernetes-list-map-keys"]
    elif schema.get(ITEMS) == "set":
        yield "set", True
    if schema.get("x-kubernetes-map-type") == "atomic":
        yield "atomic", True


def facts(published: dict[str, Any], name: str, field: str) -> dict[str, object]:
    """Return what the table says of a field besides its type; a type that is atomic makes its fields so."""
    definitions: Definitions = published["definitions"]
    schema = definitions[name]["properties"][field]
    inner = definitions.get(str(schema.get("$ref", "")).removeprefix("#/$defs/"), {})
    said = dict(merging(inner)) | dict(merging(schema))
    if field in definitions[name].get("required", ()):
        said["required"] = True
    if field in published["omitted"].get(name, ()):
        said["omitted"] = True
    if (name.rpartition(".")[2], field) in EMPTY_SPEAKS:
        said["empty"] = True
    if values := published["enums"].get(name, {}).get(field):
        said["enum"] = list(values)
    return said


def table(published: dict[str, Any]) -> str:
    """Return the table of types as JSON, a type a line."""
    definitions: Definitions = published["definitions"]
    names = short_names(reachable(definitions, roots(definitions)))
    lines = []
    for name, short in names.items():
        fields: dict[str, object] = {}
        for field, schema in sorted(definitions[name].get("properties", {}).items()):
            kind, said = spelled(schema, names), facts(published, name, field)
            fields[field] = [kind, said] if said else kind
        if fields:
            lines.append(f"{json.dumps(short)}:{json.dumps(fields, separators=(',', ':'))}")
    types = ",\n".join(sorted(lines))
    return f'{{"version":"{published["version"]}","types":{{\n{types}\n}}}}\n'


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


def described(schema: Schema, enums: dict[str, dict[str, str]]) -> Schema:
    """Return a definition with its enumerations as a server writes them, and ``kind`` left open."""
    made: Schema = plain(schema)
    for name, field in made.get("properties", {}).items():
        if name in {"apiVersion", "kind"}:
            field.pop("enum", None)
        if values := enums.get(name):
            field.get("items", field)["enum"] = list(values)
            listed = "\n".join(f' - `"{value}"` {said}'.rstrip() for value, said in values.items())
            said = f"{field.get('description', '')}\n\nPossible enum values:\n{listed}"
            field["description"] = said.strip()
    return made


def openapi(published: dict[str, Any]) -> bytes:
    """Return the types with their descriptions, as the document for clients takes them."""
    definitions, enums = published["definitions"], published["enums"]
    names = sorted(reachable(definitions, roots(definitions)))
    schemas = {name: described(definitions[name], enums.get(name, {})) for name in names}
    text = json.dumps(
        {"version": published["version"], "schemas": schemas}, separators=(",", ":"), sort_keys=True
    )
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def main() -> int:
    """Write the files, or say which are not as they would be written."""
    published = json.loads(gzip.decompress(PUBLISHED.read_bytes()))
    made = {TABLE: table(published).encode(), OPENAPI: openapi(published)}
    if sys.argv[1:] == ["--check"]:
        wrong = [path for path, content in made.items() if _content(path.read_bytes()) != _content(content)]
        for path in wrong:
            print(f"{path.relative_to(BASE)} is not what tools/schema.py writes: run python -m tools.schema")
        return 1 if wrong else 0
    for path, content in made.items():
        path.write_bytes(content)
    return 0


def _content(data: bytes) -> bytes:
    """Return what a file says: compressed bytes differ between versions of zlib."""
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


if __name__ == "__main__":
    sys.exit(main())

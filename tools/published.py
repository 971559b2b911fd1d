"""Take a version of Kubernetes' published types into tools/published, from which tools/schema.py works.

Run by hand when a new version is taken up; tools/published/README.md says where the sources come from and
what each file holds:

    python -m tools.published 1.36.0 SCHEMAS SOURCES

SCHEMAS is a folder of the PyPI package ``kubernetes-validate`` (the published OpenAPI definitions),
SOURCES one with k8s.io/api, k8s.io/apimachinery and openapiv2 (gnostic's) below it, at their tags. Needs
``protoc``, which the PyPI package ``grpcio-tools`` brings.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.schema import GROUP_VERSIONS, MESSAGES, PUBLISHED, package_of

ENUM = re.compile(r"^// \+enum\b.*\n(?://.*\n)*type (\w+) string", re.MULTILINE)
CONSTANT = re.compile(r'((?:^\t//.*\n)*)^\t(\w+)\s+(\w+)\s+= "(.*)"', re.MULTILINE)
STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r'^\t\w+\s+([\[\]*]*)(?:\w+\.)?(\w+)\s+`.*json:"(\w+)([\w,]*)"', re.MULTILINE)
INLINE = re.compile(r'^\t(\w+)\s+`json:",inline"', re.MULTILINE)
NUMBERS = {"bool", "int32", "int64"}
META = "k8s.io/apimachinery/pkg/apis/meta/v1"

Values = dict[str, str]
"""The values of an enumeration, each with what its comment says of it."""


def folders() -> Iterator[str]:
    """Yield where the Go and protobuf descriptions of each version of a group are."""
    for group, version in GROUP_VERSIONS:
        yield f"k8s.io/api/{package_of(group)}/{version}"
    yield META


def enumerations(source: str) -> dict[str, Values]:
    """Return the types of a Go source that are marked as enumerations, with their values."""
    marked = ENUM.findall(source)
    found: dict[str, Values] = {name: {} for name in marked}
    for comment, constant, of, value in CONSTANT.findall(source):
        if of in found:
            words = " ".join(line.strip().removeprefix("//") for line in comment.splitlines()).split()
            found[of][value] = " ".join(words[1:] if words[:1] == [constant] else words)
    return {name: dict(sorted(values.items())) for name, values in found.items()}


def structs(source: str) -> dict[str, str]:
    """Return the fields of each struct of a Go source, with those of the structs that it embeds."""
    bodies = dict(STRUCT.findall(source))
    return {
        name: body + "".join(bodies.get(inner, "") for inner in INLINE.findall(body))
        for name, body in bodies.items()
    }


def from_go(sources: Path) -> dict[str, dict[str, Any]]:
    """Return what only the Go sources say of each definition's fields.

    ``enums``: the values of enumerated fields, which a server reads from the same marks and adds to what
    it publishes. ``omitted``: numbers and booleans whose zero a server leaves out of what it writes.
    """
    texts = {folder: (sources / folder / "types.go").read_text() for folder in folders()}
    known: dict[str, Values] = {}
    for text in texts.values():
        known |= enumerations(text)
    found: dict[str, dict[str, Any]] = {"enums": {}, "omitted": {}}
    for folder, text in texts.items():
        own, owner = known | enumerations(text), folder.replace("k8s.io", "io.k8s").replace("/", ".")
        for struct, body in structs(text).items():
            fields = FIELD.findall(body)
            if enums := {name: own[of] for _, of, name, _ in fields if of in own}:
                found["enums"][f"{owner}.{struct}"] = enums
            if omitted := [name for marks, of, name, said in fields if _omits_zero(marks, of, said)]:
                found["omitted"][f"{owner}.{struct}"] = omitted
    return found


def _omits_zero(marks: str, of: str, said: str) -> bool:
    return not marks and of in NUMBERS and ",omitempty" in said


def messages(sources: Path) -> bytes:
    """Return the protobuf descriptions, compiled: a FileDescriptorSet with all that they import."""
    files = [f"{folder}/generated.proto" for folder in folders()] + ["openapiv2/OpenAPIv2.proto"]
    files += ["k8s.io/apimachinery/pkg/runtime/generated.proto"]
    with tempfile.NamedTemporaryFile() as made:
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{sources}", "--include_imports"]
        subprocess.run([*command, f"--descriptor_set_out={made.name}", *files], check=True)
        return Path(made.name).read_bytes()


def main() -> None:
    """Read the sources that are named and write the files."""
    version, schemas, sources = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    definitions = json.loads((schemas / "_definitions.json").read_text())["$defs"]
    stable = {
        name: each for name, each in definitions.items() if not re.search(r"\.v\d(alpha|beta)\d\.", name)
    }
    content = {"version": version, "definitions": stable, **from_go(sources)}
    text = json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
    PUBLISHED.write_bytes(gzip.compress(text, compresslevel=9, mtime=0))
    MESSAGES.write_bytes(gzip.compress(messages(sources), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()

"""Lists of objects as kubectl writes them: read one by one, and refused in words that help."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.manifests import dumps
from controller.manifests.dumps import BadDump, Fault, File, Item
from tests.servers import BASE

REAL = gzip.decompress((BASE / "tests" / "fixtures" / "dump.json.gz").read_bytes())
"""What kubectl 1.36 wrote of a cluster of 12 nodes."""
HEAD, TAIL = b'{"apiVersion": "v1", "items": [', b'], "kind": "List", "metadata": {"resourceVersion": ""}}'


def read(*texts: bytes) -> list[Item]:
    """Return the objects of some files."""
    return list(dumps.read([File(f"file-{at}", io.BytesIO(text)) for at, text in enumerate(texts)]))


def values(*texts: bytes) -> list[Any]:
    """Return what the objects of some files say."""
    return [item.value for item in read(*texts)]


def as_yaml(text: bytes) -> bytes:
    """Return a dump as kubectl writes it with -o yaml."""
    return yaml.dump(yaml.load(text, yaml.CSafeLoader), Dumper=yaml.CSafeDumper).encode()


def test_every_way_to_write_it() -> None:
    """JSON, YAML, packed, as PowerShell writes it, repeated, in several files: the same objects."""
    wanted = values(REAL)
    assert len(wanted) == 83
    text = as_yaml(REAL)
    for other in (text, gzip.compress(REAL), gzip.compress(text), REAL.decode().encode("utf-16")):
        assert values(other) == wanted
    assert values(b"\xef\xbb\xbf" + REAL) == wanted
    assert values(REAL + b"\n" + REAL) == values(text + b"---\n" + text) == values(REAL, text) == wanted * 2


def test_strings_may_hold_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets, quotes and backslashes in strings end no object, wherever a piece of the file ends."""
    told = b'{"items": [{"a": "}]{[\\"\\\\"}, {"b": "\\\\\\""}, {"c": [[1], {"d": "]"}]}], "kind": "List"}'
    wanted = [{"a": '}]{["\\'}, {"b": '\\"'}, {"c": [[1], {"d": "]"}]}]
    for size in range(len(dumps.OURS), len(told) + 1):
        monkeypatch.setattr(dumps, "CHUNK", size)
        assert values(told) == wanted


def test_a_list_of_one_kind() -> None:
    """The API server's own lists say once of which kind all are; the place counts from 0."""
    text = b'{"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [{"a": 1}, {"a": 2}]}'
    assert [(one.kind, one.version, one.where) for one in read(text)] == [
        ("Pod", "v1", "items[0]"),
        ("Pod", "v1", "items[1]"),
    ]


def test_nothing_in_it() -> None:
    """A list without objects is one."""
    assert values(HEAD + TAIL) == values(as_yaml(HEAD + TAIL)) == []


BAD: dict[str, tuple[bytes, Fault, str]] = {
    "nothing": (b"", Fault.EMPTY, "kubectl get nodes"),
    "only spaces": (b" \n", Fault.EMPTY, ""),
    "cut off": (REAL[:400_000], Fault.EARLY, "items["),
    "cut off, packed": (gzip.compress(REAL)[:9_000], Fault.EARLY, ""),
    "cut off, YAML": (as_yaml(REAL)[:200_000].rpartition(b"\n- ")[0] + b"\n", Fault.EARLY, "items["),
    "cut off before its end": (REAL[:-3], Fault.EARLY, ""),
    "an export": (b'["everynode",1]\n', Fault.ARCHIVE, "cluster import"),
    "a web page": (b"<!DOCTYPE html>", Fault.HTML, "web page"),
    "a kubeconfig": (b"apiVersion: v1\nkind: Config\nclusters: []\n", Fault.KUBECONFIG, "real cluster"),
    "one object": (b'{"apiVersion": "v1", "kind": "Node", "metadata": {}}', Fault.SINGLE, "a single Node"),
    "one object, YAML": (b"apiVersion: v1\nkind: Pod\nmetadata: {}\n", Fault.SINGLE, "a single Pod"),
    "a list without a head": (b"[{}]", Fault.NO_LIST, ""),
    "prose": (b"hello", Fault.NO_LIST, ""),
    "long prose": (b'{"a": "' + b"x" * 20_000_000, Fault.NO_LIST, ""),
    "no number": (HEAD + b'{"a": NaN}' + TAIL, Fault.UNREADABLE, "items[0]"),
    "a huge number, YAML": (b"items:\n- a: .inf\nkind: List\n", Fault.UNREADABLE, ""),
    "half a character": (HEAD + b'{"a": "\\ud800"}' + TAIL, Fault.UNREADABLE, "items[0]"),
    "no UTF-8": (HEAD + b'{"a": "\xff"}' + TAIL, Fault.UNREADABLE, "items[0]"),
    "the null character": (HEAD + b'{"a": "\\u0000"}' + TAIL, Fault.UNREADABLE, "null character"),
    "no comma": (HEAD + b'{"a": 1} {"b": 2}' + TAIL, Fault.UNREADABLE, "items[1]"),
    "a comma too many": (HEAD + b'{"a": 1},' + TAIL, Fault.UNREADABLE, "items[1]"),
    "no objects": (HEAD + b"1, 2" + TAIL, Fault.UNREADABLE, "comma"),
    "something behind it": (HEAD + TAIL + b" and more", Fault.UNREADABLE, "follows"),
    "a bracket too many": (HEAD + TAIL + b"]", Fault.UNREADABLE, "follows"),
    "deep": (HEAD + b'{"a":' + b"[" * 99 + b"]" * 99 + b"}" + TAIL, Fault.UNREADABLE, "64 levels deep"),
    "endless": (HEAD + b'{"a":' + b"[" * 300_000, Fault.EARLY, ""),
    "endless before the list": (b"[" * 300_000, Fault.NO_LIST, ""),
    "deep, YAML": (b"items:\n- " + b"[" * 300_000, Fault.UNREADABLE, "64 levels deep"),
    "a huge object": (HEAD + b'{"a": "' + b"x" * 20_000_000, Fault.LARGE_OBJECT, "3 MiB"),
    "many values": (HEAD + b'{"a": [' + b"1," * 200_000 + b"1]}" + TAIL, Fault.UNREADABLE, "values"),
    "an alias that reaches out": (b"a: &x 1\nitems:\n- *x\nkind: List\n", Fault.UNREADABLE, "alias"),
    "directives": (b"%TAG ! a\n" * 99 + b"items: []\n", Fault.UNREADABLE, "begin with %"),
    "aliases that grow": (
        b"items:\n- a: &a [1,1,1,1,1,1,1,1,1,1]\n"
        + b"".join(b"  %c: &%c [%s]\n" % (at + 1, at + 1, b",".join([b"*%c" % at] * 10)) for at in b"abcdef")
        + b"kind: List\n",
        Fault.UNREADABLE,
        "values, aliases included",
    ),
    "packed badly": (b"\x1f\x8b and so on", Fault.UNREADABLE, ""),
    "half of UTF-16": ('{"items": ['.encode("utf-16") + b"x", Fault.UNREADABLE, ""),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(case: str) -> None:
    """What is no dump is refused with its file, the place in it, and what to do."""
    text, fault, said = BAD[case]
    with pytest.raises(BadDump) as refused:
        read(text)
    assert refused.value.fault is fault, refused.value.sentence
    assert refused.value.sentence.startswith("file-0: ")
    assert said in refused.value.sentence


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, all files together, and YAML have their limits; they hold for bombs too."""
    monkeypatch.setattr(dumps, "MOST_YAML", 1000)
    with pytest.raises(BadDump, match="-o json"):
        read(as_yaml(REAL))
    monkeypatch.setattr(dumps, "MOST_BYTES", len(REAL) + 10)
    with pytest.raises(BadDump, match="file-1: all files together"):
        read(REAL, REAL)
    with pytest.raises(BadDump, match="all files together"):
        read(gzip.compress(HEAD + b" " * 50_000_000 + TAIL))
    monkeypatch.setattr(dumps, "MOST_PACKED", 1000)
    with pytest.raises(BadDump, match="gzip"):
        read(REAL)


def test_memory(tmp_path: Path) -> None:
    """Sixty megabytes are read with a few: one object after the other."""
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.write(HEAD + b'{"kind": "Secret", "data": "' + b"x" * 20_000 + b'"}')
        file.writelines(b', {"kind": "Secret", "data": "' + b"x" * 20_000 + b'"}' for _ in range(2_999))
        file.write(TAIL)
    tracemalloc.start()
    with large.open("rb") as file:
        assert len([True for _ in dumps.read([File("large", file)])]) == 3_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * dumps.MIB


def test_which_file_is_an_archive() -> None:
    """The first bytes tell; the file is left at its beginning."""
    ours = io.BytesIO(gzip.compress(b'["everynode",1]\n'))
    assert dumps.is_archive(ours)
    assert ours.tell() == 0
    assert not any(
        dumps.is_archive(io.BytesIO(text)) for text in (REAL, gzip.compress(REAL), b"", b"\x1f\x8b?")
    )

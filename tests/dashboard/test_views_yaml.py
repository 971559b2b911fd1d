"""What the editor of YAML asks for: what is wrong with a text, and what may be written."""

from __future__ import annotations

import gzip
import json
import re
from http import HTTPStatus
from typing import Any

import pytest

from controller.manifests.text import MOST_PASTED
from controller.models import Role
from controller.services.objects import manifests_create, object_edit
from tests.clusters import cluster, demo_text
from tests.dashboard.visits import text_of, visitor
from tests.stepping import by

pytestmark = pytest.mark.django_db

PLACE = "/clusters/tried/"
SET = f"{PLACE}objects/daemonsets/default/ssd-monitor/edit/"
FAULT = re.compile(
    r'<li (?:data-line="(\d+)" data-column="(\d+)")?\s+data-document="(\d+)" data-path="([^"]*)">'
)
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n"
BOMB = "a: &a [1, 2, 3]\n" + "".join(
    f"c{n}: &c{n} [{', '.join(['*a' if n == 0 else f'*c{n - 1}'] * 9)}]\n" for n in range(9)
)


def check(text: str, path: str = f"{PLACE}create/", seen: str = "", role: Role = Role.OPERATOR) -> Any:
    """Ask what is wrong with a text."""
    return visitor(role).post(f"{path}check/", {"text": text, "seen": seen})


def places(response: Any) -> list[tuple[str, ...]]:
    """Return line, column, document and path of each fault."""
    return FAULT.findall(response.content.decode())


def with_set() -> int:
    """Make a cluster with a set; return its id."""
    tried = cluster()
    manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    return tried


def edited(path: str = SET) -> tuple[str, str]:
    """Return the text and the version with which the form of an object comes."""
    form = visitor().get(path).context["form"]
    return form["text"].value(), form["seen"].value()


def test_a_good_text() -> None:
    """Nothing is wrong, and nothing is done; an empty text is not wrong yet."""
    cluster()
    for text in (demo_text("ssd-monitor"), demo_text("ssd-monitor"), "", "\n"):
        assert places(check(text)) == []
        assert text_of(check(text)) == ""


def test_every_fault_has_its_place() -> None:
    """Line, column, number of the document and field of each, in the words of the API server, all at once."""
    cluster()
    text = (
        demo_text("ssd-monitor").replace("spec:\n  selector", "spec:\n  replicas: 3\n  selector", 1)
        + "\n---\n"
        + MAP % "Bad_Name"
        + "---\nkind: Dragon\n"
    )
    lines = text.split("\n")
    named, dragon = str(lines.index("  name: Bad_Name") + 1), str(lines.index("kind: Dragon") + 1)
    response = check(text)
    assert places(response) == [
        ("6", "3", "1", "spec.replicas"),
        (named, "3", "2", "metadata.name"),
        (dragon, "0", "3", ""),
    ]
    page = text_of(response)
    assert 'Document 1, line 6: unknown field "spec.replicas"' in page
    assert f'Document 2, line {named}: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123' in page
    assert f"Document 3, line {dragon}: apiVersion is missing" in page


def test_what_the_cluster_refuses() -> None:
    """A name that is taken and a namespace that is not there are told where they are written."""
    with_set()
    lost = (MAP % "lost").replace("name: lost", "name: lost\n  namespace: nowhere")
    assert places(check(demo_text("ssd-monitor"))) == [("4", "3", "0", "metadata.name")]
    response = check((MAP % "good") + "---\n" + lost)
    assert places(response) == [("10", "3", "2", "metadata.namespace")]
    assert 'namespaces "nowhere" not found' in text_of(response)


def test_what_an_unreadable_document_may_bring() -> None:
    """While one document is not readable, others are not told that what it may bring is not there."""
    cluster()
    space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: apart, colour: red}\n---\n"
    inside = (MAP % "inside").replace("name: inside", "name: inside\n  namespace: apart")
    assert places(check(space + inside)) == [("3", "25", "1", "metadata.colour")]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        pytest.param("a: 1\n  b: 2", ("2", "4", "0", ""), "mapping values are not allowed", id="no YAML"),
        pytest.param("a:\n\tb: 1", ("2", "1", "0", ""), "a tab cannot indent YAML", id="a tab"),
        pytest.param(
            "kind: x\nkind: y",
            ("2", "1", "0", ""),
            'the key "kind" stands twice (first',
            id="twice",
        ),
        pytest.param(BOMB, ("6", "20", "0", ""), "more than 100000 values, aliases included", id="a bomb"),
        pytest.param("a: *b", ("1", "4", "0", ""), "the alias *b names nothing", id="an alias"),
        pytest.param("[" * 1000, ("1", "65", "0", ""), "nested more than 64 levels", id="deep"),
        pytest.param("# x", ("", "", "0", ""), "The text holds no object", id="nothing"),
        pytest.param(
            "#" * (MOST_PASTED + 1), ("", "", "0", ""), "at most 1048576 (1 MiB) are accepted", id="huge"
        ),
    ],
)
def test_a_text_that_cannot_be_read(text: str, place: tuple[str, ...], said: str) -> None:
    """The one fault has its place, and the limits of texts hold here too."""
    cluster()
    response = check(text)
    assert places(response) == [place]
    assert said in text_of(response)


def test_a_heap_of_faults() -> None:
    """Of many faults the first hundred are told."""
    cluster()
    text = MAP % "a" + "".join(f"x{n}: 1\n" for n in range(5000))
    assert len(places(check(text))) == 100


def test_the_text_of_an_object() -> None:
    """It is judged as a change of that object, and of no other."""
    with_set()
    text, seen = edited()
    assert text_of(check(text, SET, seen)) == ""
    response = check(text.replace("app: ssd-monitor", "app: other", 1), SET, seen)
    assert ("", "field is immutable") not in places(response)
    assert "field is immutable" in text_of(response)
    other = check(text.replace("name: ssd-monitor", "name: other", 1), SET, seen)
    assert "The text must hold DaemonSet default/ssd-monitor and nothing else" in text_of(other)


def test_somebody_else_saved_meanwhile() -> None:
    """Both sides are offered, with the version that stands, whether the text is right or not."""
    tried = with_set()
    text, seen = edited()
    place = {"kind": "DaemonSet", "namespace": "default", "name": "ssd-monitor"}
    theirs = text.replace("luksa/ssd-monitor", "ssd-monitor:theirs")
    object_edit(**by(tried), **place, text=theirs, seen=seen)
    _text, now = edited()
    for mine, faults in ((text.replace("luksa/", "mine/"), 0), ("kind: [", 1)):
        response = check(mine, SET, seen)
        assert f'data-stale="{now}"' in response.content.decode()
        assert "- image: ssd-monitor:theirs" in text_of(response)
        assert len(places(response)) == faults
    assert text_of(check(text.replace("luksa/", "mine/"), SET, now)) == ""


def test_an_object_that_is_gone() -> None:
    """There is nothing to compare with."""
    cluster()
    assert check("a: 1", SET).status_code == HTTPStatus.NOT_FOUND


def test_who_may_check() -> None:
    """Those who may change the cluster; a visit is led back to the form."""
    with_set()
    for path in (f"{PLACE}create/", SET):
        assert check("a: 1", path, role=Role.VIEWER).status_code == HTTPStatus.FORBIDDEN
        assert visitor().get(f"{path}check/").status_code == HTTPStatus.FOUND


def test_the_fields_of_a_kind() -> None:
    """Types, descriptions, enums and what is required, of the kind and all that it is made of; no other."""
    cluster()
    answer = visitor(Role.VIEWER).get(f"{PLACE}fields/DaemonSet/", headers={"Accept-Encoding": "gzip"})
    types = json.loads(gzip.decompress(answer.content))
    assert types["DaemonSet"]["fields"]["spec"]["type"] == "DaemonSetSpec"
    strategy = types["DaemonSetUpdateStrategy"]["fields"]["type"]
    assert strategy["enum"] == ["OnDelete", "RollingUpdate"]
    assert strategy["about"].startswith("Type of daemon set update.")
    assert types["DaemonSetSpec"]["fields"]["selector"]["required"]
    assert "JobSpec" not in types
    assert len(answer.content) < 60_000


def test_fields_are_kept() -> None:
    """A browser asks again only after a while, and is told when nothing is different."""
    cluster()
    for path in ("fields/", "fields/Pod/"):
        first = visitor().get(PLACE + path)
        assert first["Cache-Control"] == "private, max-age=3600"
        again = visitor().get(PLACE + path, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == HTTPStatus.NOT_MODIFIED


def test_the_kinds() -> None:
    """Those that can be written, with their versions; of another there are no fields."""
    cluster()
    kinds = json.loads(visitor().get(f"{PLACE}fields/").content)
    assert {"kind": "DaemonSet", "apiVersion": "apps/v1", "namespaced": True} in kinds
    assert visitor().get(f"{PLACE}fields/Dragon/").status_code == HTTPStatus.NOT_FOUND

"""The manifest folder of a machine, from the page of its node."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from controller import models
from controller.models import Role
from controller.services.undo import edit_undo
from tests.clusters import PERSON, cluster, node, settle
from tests.dashboard.visits import answer, text_of, visitor

pytestmark = pytest.mark.django_db
NODE = "/clusters/tried/nodes/node-1/"
FILES = f"{NODE}files/"
TEXT = """\
apiVersion: v1
kind: Pod
metadata: {name: proxy}
spec: {containers: [{name: main, image: "proxy:1"}]}
"""


def put(text: str = TEXT, file: str = "proxy.yaml", **more: str) -> Any:
    """Send the form."""
    return answer(visitor(), FILES, file=file, text=text, **more)


def mirrors(tried: int) -> list[str]:
    """Return the names of the pods that stand."""
    settle(tried)
    return list(models.Pod.objects.filter(cluster=tried, phase="Running").values_list("name", flat=True))


def test_a_file_is_put_edited_and_removed() -> None:
    """The machine runs what it says; the page lists the file with its mirror."""
    tried = cluster(nodes=1)
    assert put()["HX-Redirect"] == NODE
    assert mirrors(tried) == ["proxy-node-1"]
    page = visitor().get(NODE)
    assert "proxy.yaml proxy-node-1" in text_of(page)
    assert "static-pods=" not in text_of(page)

    form = visitor().get(f"{FILES}?file=proxy.yaml").content.decode()
    assert "image: proxy:1" in form
    put(TEXT.replace("proxy:1", "proxy:2"))
    assert mirrors(tried) == ["proxy-node-1"]
    (pod,) = models.Pod.objects.filter(cluster=tried)
    assert pod.manifest["spec"]["containers"][0]["image"] == "proxy:2"

    assert "Removed the file proxy.yaml." in text_of(answer(visitor(), f"{FILES}remove/", file="proxy.yaml"))
    assert mirrors(tried) == []


def test_it_is_taken_back() -> None:
    """Undo removes what was put."""
    tried = cluster(nodes=1)
    put()
    assert mirrors(tried) == ["proxy-node-1"]
    entry = models.AuditEntry.objects.latest("pk")
    edit_undo(cluster=tried, actor=PERSON, entry=entry.pk)
    assert mirrors(tried) == []


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("proxy.yaml", TEXT.replace("name: proxy", "labels: {}"), "metadata.name: Required value"),
        ("proxy.yaml", TEXT.replace("image:", "imag:"), "unknown field"),
        ("proxy.yaml", TEXT + "---\n" + TEXT, "Pod"),
        ("proxy.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "Pod"),
        ("../proxy", TEXT, "Letters, digits, dots, dashes and underscores."),
    ],
)
def test_bad_input(file: str, text: str, words: str) -> None:
    """What is wrong is said, what was typed stays, and nothing is written."""
    tried = cluster(nodes=1)
    shown = text_of(put(text, file))
    assert words in shown
    assert text.strip().splitlines()[0] in shown
    assert mirrors(tried) == []


def test_a_stale_form_shows_both() -> None:
    """Somebody else changed the file meanwhile: their text is shown beside one's own."""
    tried = cluster(nodes=1)
    seen = node(tried, "node-1")["metadata"]["resourceVersion"]
    put()
    shown = text_of(put(TEXT.replace("proxy:1", "proxy:9"), seen=seen))
    assert "Somebody else changed this meanwhile." in shown
    assert "proxy:1" in shown
    assert "proxy:9" in shown


def test_preview() -> None:
    """It tells which pod would come, and nothing is done."""
    tried = cluster(nodes=1)
    shown = text_of(put(preview=""))
    assert "1 pod comes, on 1 node" in shown
    assert mirrors(tried) == []


def test_viewers_read_only() -> None:
    """Who may only look sees the files, and no form."""
    tried = cluster(nodes=1)
    put()
    settle(tried)
    page = text_of(visitor(Role.VIEWER).get(NODE))
    assert "proxy.yaml" in page
    assert "Put a static pod" not in page
    assert visitor(Role.VIEWER).get(FILES).status_code == HTTPStatus.FORBIDDEN

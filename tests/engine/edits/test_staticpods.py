"""Files are put into the manifest folder of a machine, and removed."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.cluster.manifestfolder import mirror_name, read_folder
from controller.engine.edits.manifest_copies import with_annotation
from controller.engine.edits.nodes import node_key
from controller.engine.edits.staticpods import PutStaticPod, RemoveStaticPod
from controller.engine.errors import Conflict, Invalid, NotFound
from controller.engine.objects import STATIC_PODS_ANNOTATION, Manifest
from tests.engine.edits.ledger import NODE, Ledger, ledger

POD: Manifest = {
    "metadata": {"name": "proxy"},
    "spec": {"containers": [{"name": "main", "image": "proxy:1"}]},
}


def folder(made: Ledger) -> Any:
    """Return what lies in the folder of the node."""
    return read_folder(made.manifest(NODE))


def test_put_and_remove() -> None:
    """A file holds what was put there last; others stay. An empty folder leaves no annotation."""
    made = ledger()
    other = {**POD, "metadata": {"name": "other"}}
    made.do(PutStaticPod("plain", "proxy.yaml", other))
    made.do(PutStaticPod("plain", "proxy.yaml", POD))
    decision = made.do(PutStaticPod("plain", "other.yaml", other))
    assert [(fact.action, fact.about, fact.values) for fact in decision.facts] == [
        ("static_pod_put", "plain", {"file": "other.yaml"})
    ]
    assert folder(made) == {"proxy.yaml": POD, "other.yaml": other}
    assert made.decide(PutStaticPod("plain", "other.yaml", other)).changes == ()
    made.do(RemoveStaticPod("plain", "other.yaml"))
    made.do(RemoveStaticPod("plain", "proxy.yaml"))
    assert STATIC_PODS_ANNOTATION not in (made.manifest(NODE)["metadata"].get("annotations") or {})


@pytest.mark.parametrize(
    ("pod", "words"),
    [
        ({**POD, "metadata": {}}, "metadata.name: Required value"),
        ({**POD, "spec": {"containers": []}}, "spec.containers: Required value"),
        ({**POD, "metadata": {"name": "Proxy"}}, 'metadata.name: Invalid value: "Proxy-plain"'),
    ],
)
def test_what_the_machine_could_not_run_is_refused(pod: Manifest, words: str) -> None:
    """A fault is told at once, in the words in which the API server refuses the mirror."""
    made = ledger()
    with pytest.raises(Invalid, match=words):
        made.do(PutStaticPod("plain", "proxy.yaml", pod))
    assert folder(made) == {}


def test_what_is_not_there() -> None:
    """A node, a file and a namespace have to stand."""
    made, away = ledger(), {**POD, "metadata": {"name": "proxy", "namespace": "away"}}
    for request in (
        PutStaticPod("nowhere", "proxy.yaml", POD),
        PutStaticPod("plain", "proxy.yaml", away),
        RemoveStaticPod("plain", "proxy.yaml"),
    ):
        with pytest.raises(NotFound):
            made.do(request)


def test_a_folder_that_cannot_be_read_is_not_written_over() -> None:
    """Whoever broke the annotation mends it first."""
    made = ledger()
    made.write("Node", with_annotation(made.manifest(NODE), STATIC_PODS_ANNOTATION, "[]"))
    assert folder(made) is None
    for request in (PutStaticPod("plain", "a", POD), RemoveStaticPod("plain", "a")):
        with pytest.raises(Invalid, match="must be a JSON object of pods by the names of their files"):
            made.do(request)


def test_a_stale_form_is_refused() -> None:
    """Who saw an older version of the node is told what somebody else did."""
    made = ledger()
    seen = made.manifest(NODE)["metadata"]["resourceVersion"]
    made.do(PutStaticPod("plain", "proxy.yaml", POD))
    with pytest.raises(Conflict):
        made.do(RemoveStaticPod("plain", "proxy.yaml", seen))


def test_names_of_mirrors() -> None:
    """They bear the node's; of what is no pod nothing is known."""
    assert node_key("plain") == NODE
    assert mirror_name("plain", POD) == "proxy-plain"
    assert mirror_name("plain", ["no", "pod"]) == "-plain"

"""Edits that are previewed: on every form, made exactly as they were seen, or shown anew."""

from __future__ import annotations

import re
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from controller.models import Role
from controller.services import nodes
from controller.store.forks import forks
from tests.clusters import PERSON, cluster, demo_text, node, row_of, settle, standing, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor
from tests.servers import wait_until

pytestmark = pytest.mark.django_db

NODE = "/clusters/tried/nodes/node-1/"
SET = "/clusters/tried/sets/default/nginx-ds/"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def lively() -> int:
    """Return a cluster with two sets, one of which waits for a label."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    with_daemonset(tried, "ssd-monitor")
    return tried


def applied(client: Client, page: Any) -> Any:
    """Press *Apply* in the panel of a preview."""
    text = page.content.decode()
    form = text[text.index('id="preview-apply"') :]
    found = re.search(r'action="([^"]+)"', text[text.index("<form") :])
    assert found
    fields: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(form[: form.index("</form>")]):
        fields.setdefault(unescape(name), []).append(unescape(value))
    return client.post(found[1], fields, headers={**HTMX, "HX-Source": "form#preview-apply"})


def test_a_label_is_seen_before_it_is_set() -> None:
    """The panel tells which pods come; nothing is written before *Apply*, which writes it and closes."""
    tried = lively()
    client, before = visitor(), row_of(tried).number
    page = answer(client, f"{NODE}label/", label="disk=ssd", preview="")

    assert "1 pod comes, on 1 node." in text_of(page)
    assert "default/ssd-monitor" in text_of(page)
    assert "Labelled node node-1: disk=ssd" in text_of(page).replace(" disk", " disk")
    assert '"node-1": "born"' in page.content.decode()
    assert row_of(tried).number == before
    done = applied(client, page)
    assert "Set the label disk=ssd." in text_of(done)
    assert 'hx-target="#preview" hx-swap="innerHTML"></hx-partial>' in done.content.decode()
    assert node(tried, "node-1")["metadata"]["labels"]["disk"] == "ssd"


def test_without_scripts_it_is_a_page() -> None:
    """Who has no scripts sees a page of its own, from which the edit can be made as well."""
    lively()
    client = visitor()
    page = client.post(f"{NODE}state/", {"action": "remove", "preview": ""})

    assert "<h1" not in text_of(page)
    assert "1 pod goes, on 1 node." in text_of(page)
    assert "Throw away" in text_of(page)


def test_what_others_did_meanwhile() -> None:
    """If it matters to what was previewed nothing is done, and the new preview says who did what."""
    tried = lively()
    client = visitor()
    page = answer(
        client,
        "/clusters/tried/table/chosen/",
        node=["node-1", "node-2"],
        action="label",
        label="disk=ssd",
        preview="",
    )
    assert "2 pods come, on 2 nodes." in text_of(page)
    nodes.node_label_patch(cluster=tried, actor="bea", nodes=["node-2"], set={"disk": "ssd"}, remove=[])
    settle(tried)
    again = applied(client, page)

    assert again.status_code == HTTPStatus.CONFLICT
    assert "Nothing was done yet." in text_of(again)
    assert re.search(r"bea, \d+s ago: Labelled node node-2: disk=ssd", text_of(again))
    assert "1 pod comes, on 1 node." in text_of(again)
    assert "disk" not in node(tried, "node-1")["metadata"]["labels"]
    assert applied(client, again).status_code == HTTPStatus.OK
    assert node(tried, "node-1")["metadata"]["labels"]["disk"] == "ssd"


def test_what_does_not_matter_is_no_reason_to_ask_again() -> None:
    """Somebody labelled another node with something that no set asks for."""
    tried = lively()
    client = visitor()
    page = answer(client, f"{NODE}label/", label="disk=ssd", preview="")
    nodes.node_label_patch(cluster=tried, actor="bea", nodes=["node-2"], set={"rack": "1"}, remove=[])

    assert applied(client, page).status_code == HTTPStatus.OK
    assert node(tried, "node-1")["metadata"]["labels"]["disk"] == "ssd"


@pytest.mark.parametrize(
    ("path", "sent", "said"),
    [
        (f"{NODE}state/", {"action": "cordon"}, "No pod comes or goes."),
        (f"{NODE}state/", {"action": "down"}, "No pod comes or goes."),
        (f"{NODE}labels/", {"labels-text": "disk=ssd"}, "1 pod comes, on 1 node."),
        (f"{NODE}taints/", {"taints-text": "gpu:NoExecute"}, "1 pod goes, on 1 node."),
        (f"{NODE}pressure/", {"report": "DiskPressure"}, "No pod comes or goes."),
        ("/clusters/tried/table/add/", {"name": "more-", "count": "2"}, "2 pods come, on 2 nodes."),
        (f"{SET}do/", {"action": "image", "container": "nginx", "image": "nginx:2"}, "3 pods are replaced"),
        (f"{SET}do/", {"action": "behaviour", "behaviour": "crash-loop"}, "1 pod does not become ready"),
        (
            f"{SET}do/",
            {
                "action": "strategy",
                "strategy": "OnDelete",
                "max_unavailable": "1",
                "max_surge": "0",
                "min_ready_seconds": "0",
            },
            "No pod comes or goes.",
        ),
        (f"{SET}do/", {"action": "restart"}, "3 pods are replaced, on 3 nodes."),
        (f"{SET}do/", {"action": "delete", "propagation": "Background"}, "3 pods go, on 3 nodes."),
        (
            "/clusters/tried/cure/",
            {"set": "default/ssd-monitor", "node": "node-1", "preview": "side=node"},
            "1 pod comes, on 1 node.",
        ),
        (
            "/clusters/tried/create/",
            {"text": demo_text("nginx-ds").replace("nginx-ds", "more")},
            "3 pods come, on 3 nodes.",
        ),
    ],
)
def test_every_form_has_a_preview(path: str, sent: dict[str, str], said: str) -> None:
    """The panel tells what would come of it, and nothing is written."""
    tried = lively()
    before = row_of(tried).number
    page = answer(visitor(), path, **{"preview": "", **sent})

    assert said in text_of(page)
    assert page.status_code == HTTPStatus.OK
    assert row_of(tried).number == before


def test_yaml_that_is_edited() -> None:
    """A selector that no node has: all pods go, and a warning says why."""
    tried = lively()
    manifest = standing(tried, "DaemonSet", "default", "nginx-ds")
    text = demo_text("nginx-ds").replace("    spec:\n", "    spec:\n      nodeSelector: {disk: nvme}\n")
    page = answer(
        visitor(), f"{SET}edit/", text=text, seen=manifest["metadata"]["resourceVersion"], preview=""
    )

    assert "3 pods go, on 3 nodes." in text_of(page)
    assert "no node is targeted. disk=nvme is on 0 of 3 nodes." in text_of(page).replace("  ", " ")


def test_what_is_malformed_is_said_in_the_panel() -> None:
    """The form stays as it is typed, and nothing is written."""
    tried = lively()
    before = row_of(tried).number
    page = answer(visitor(), f"{NODE}taints/", **{"taints-text": "gpu", "preview": ""})

    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "This cannot be previewed" in text_of(page)
    assert "write a taint as key=value:effect" in text_of(page)
    page = answer(visitor(), "/clusters/tried/create/", text="kind: Nothing", preview="")
    assert "This cannot be previewed" in text_of(page)
    assert row_of(tried).number == before


def test_what_is_stale_is_said_in_the_panel() -> None:
    """A form made from a version that others changed since."""
    tried = lively()
    seen = node(tried, "node-1")["metadata"]["resourceVersion"]
    nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"rack": "1"})
    sent = {"labels-text": "disk=ssd", "labels-seen": seen, "preview": ""}

    assert "Somebody else changed node-1" in text_of(answer(visitor(), f"{NODE}labels/", **sent))


def test_an_uploaded_file_is_applied_as_it_was_previewed() -> None:
    """Its text goes along with the preview, so that nobody need choose the file again."""
    tried = lively()
    client = visitor()
    text = demo_text("nginx-ds").replace("nginx-ds", "more").encode()
    sent = {"text": "", "file": SimpleUploadedFile("more.yaml", text), "preview": ""}
    page = client.post("/clusters/tried/create/", sent, headers={**HTMX, "HX-Source": "form"})
    assert "3 pods come, on 3 nodes." in text_of(page)
    assert applied(client, page).headers["HX-Redirect"]

    assert standing(tried, "DaemonSet", "default", "more")


def test_viewers_preview_nothing() -> None:
    """Who may not edit may not have the edit played out either."""
    lively()
    page = answer(visitor(Role.VIEWER), f"{NODE}label/", label="disk=ssd", preview="")

    assert page.status_code == HTTPStatus.FORBIDDEN


def test_what_has_no_preview_is_not_done_either() -> None:
    """A step of the clock cannot be tried out in memory: who asks what it would do is told so."""
    tried = lively()
    before = row_of(tried).number
    page = answer(visitor(), "/clusters/tried/clock/", action="pause", preview="")

    assert "What this does cannot be previewed." in text_of(page)
    assert (row_of(tried).paused, row_of(tried).number) == (False, before)


def test_what_was_done_can_be_taken_back() -> None:
    """The toast offers it, and the audit list; both tell what was taken back."""
    tried = lively()
    client = visitor()
    said = answer(client, f"{NODE}label/", label="disk=ssd").content.decode()
    found = re.search(r'hx-post="(/clusters/tried/undo/\d+/)"', said)
    assert found
    assert "Took back: Labelled node node-1: disk=ssd" in text_of(answer(client, found[1]))
    assert "disk" not in node(tried, "node-1")["metadata"]["labels"]
    page = client.get("/audit/")
    assert "Took back: Labelled node node-1: disk=ssd" in text_of(page)
    assert page.content.decode().count('name="preview"') == 4
    again = client.post(found[1], {"preview": ""})
    assert "This changes nothing" in text_of(again)
    assert client.post(found[1]).headers["Location"] == "/audit/?cluster=tried"


def test_why_something_cannot_be_taken_back() -> None:
    """Somebody changed the same label since: the refusal says from what to what."""
    tried = lively()
    client = visitor()
    said = answer(client, f"{NODE}label/", label="disk=ssd").content.decode()
    nodes.node_label_patch(cluster=tried, actor="bea", nodes=["node-1"], set={"disk": "nvme"}, remove=[])
    found = re.search(r'hx-post="(/clusters/tried/undo/\d+/)"', said)
    assert found

    page = text_of(answer(client, found[1]))
    assert "Somebody else changed node-1" in page
    assert "Changed since: metadata.labels.disk ssd → nvme" in page
    assert node(tried, "node-1")["metadata"]["labels"]["disk"] == "nvme"


def test_viewers_take_nothing_back() -> None:
    """The list has no button for them, and its address refuses them."""
    lively()
    answer(visitor(), f"{NODE}label/", label="disk=ssd")
    viewer = visitor(Role.VIEWER)

    assert "undo/" not in viewer.get("/audit/").content.decode()
    assert answer(viewer, "/clusters/tried/undo/1/").status_code == HTTPStatus.FORBIDDEN


def test_a_text_that_would_be_refused() -> None:
    """The preview says on which line, as the form does."""
    lively()
    page = answer(visitor(), "/clusters/tried/create/", text=demo_text("nginx-ds"), preview="")

    assert page.status_code == HTTPStatus.CONFLICT
    assert 'Line 4: daemonsets.apps "nginx-ds" already exists' in text_of(page)


def test_what_would_be_stored() -> None:
    """It is shown as a difference from what is stored, without what the server alone writes."""
    lively()
    page = answer(visitor(), f"{NODE}label/", label="disk=ssd", preview="")

    assert "What changes: Node node-1" in text_of(page)
    assert '<span class="add">+    disk: ssd</span>' in page.content.decode()
    assert "resourceVersion" not in text_of(page)


@pytest.mark.django_db(transaction=True)
def test_what_previews_are_made_from_is_loaded_ahead() -> None:
    """The page tells how much is there, and that begins the load; who may not edit has none done."""
    tried = lively()
    client = visitor()
    assert visitor(Role.VIEWER).get("/clusters/tried/preview/").status_code == HTTPStatus.FORBIDDEN
    assert client.get("/clusters/tried/preview/").json() == {"loaded": 0.0}
    wait_until(lambda: client.get("/clusters/tried/preview/").json() == {"loaded": 1.0}, what="the world")
    assert tried in forks

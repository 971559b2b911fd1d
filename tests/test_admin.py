"""Django admin over clusters: everything can be seen, and labels go through the one door."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from controller import models
from controller.models import Role
from controller.services import nodes
from tests.clusters import PERSON, audited, cluster, node, row_of, with_daemonset
from tests.people import someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    """Return the browser of an admin."""
    client = Client()
    client.force_login(someone("grace", Role.ADMIN))
    return client


def page_of(name: str) -> str:
    """Return the address of a node's page."""
    return reverse("admin:controller_node_change", args=[models.Node.objects.get(name=name).pk])


def test_labels_go_through_the_service(admin: Client) -> None:
    """Labels that are edited in Django admin are checked, numbered, logged and audited like any edit."""
    tried = cluster(nodes=1, disk="hdd")
    page = admin.get(page_of("node-1")).content.decode()
    assert "disk=hdd" in page
    seen = node(tried, "node-1")["metadata"]["resourceVersion"]
    answer = admin.post(page_of("node-1"), {"labels": "disk=ssd\r\n\r\n pool = fast \r\n", "seen": seen})

    assert answer.status_code == 302
    assert node(tried, "node-1")["metadata"]["labels"] == {"disk": "ssd", "pool": "fast"}
    assert node(tried, "node-1")["metadata"]["resourceVersion"] == str(row_of(tried).number)
    assert audited()[-1] == "Set the labels of node-1: disk hdd → ssd, pool=fast"
    assert models.AuditEntry.objects.latest("pk").actor == "grace"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("disk", "“disk” is not key=value.", id="no value"),
        pytest.param("a b=c", "Invalid value: &quot;a b&quot;", id="a wrong key"),
    ],
)
def test_wrong_labels(admin: Client, typed: str, said: str) -> None:
    """What is refused is said beside the field, and what was typed stays."""
    tried = cluster(nodes=1, disk="hdd")
    seen = node(tried, "node-1")["metadata"]["resourceVersion"]
    answer = admin.post(page_of("node-1"), {"labels": typed, "seen": seen})

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert f">\n{typed}</textarea>" in answer.content.decode()
    assert node(tried, "node-1")["metadata"]["labels"] == {"disk": "hdd"}


def test_a_stale_form(admin: Client) -> None:
    """A form that somebody else has overtaken is refused."""
    tried = cluster(nodes=1)
    seen = node(tried, "node-1")["metadata"]["resourceVersion"]
    nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"by": "ada"})
    answer = admin.post(page_of("node-1"), {"labels": "by=grace", "seen": seen})

    assert "the object has been modified" in answer.content.decode()
    assert node(tried, "node-1")["metadata"]["labels"] == {"by": "ada"}


@pytest.mark.parametrize("name", ["node", "cluster", "pass", "auditentry"])
def test_lists(admin: Client, name: str) -> None:
    """Nodes, clusters, passes and the audit list can be looked at, and neither added nor deleted."""
    with_daemonset(cluster(nodes=1))
    assert admin.get(reverse(f"admin:controller_{name}_changelist")).status_code == 200
    assert admin.get(reverse(f"admin:controller_{name}_add")).status_code == 403


def test_lists_in_chinese(admin: Client) -> None:
    """What the lists are of is said in the language of the page."""
    said = admin.get(reverse("admin:index"), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert all(word in said for word in ("集群", "节点", "轮次", "审计条目"))
    assert "entries" not in said
    assert "Clusters" not in said


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_admins_only(role: Role) -> None:
    """Nobody but admins enters."""
    cluster(nodes=1)
    client = Client()
    client.force_login(someone("eve", role))
    answer = client.post(page_of("node-1"), {"labels": "by=eve", "seen": "1"})

    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_labels_are_previewed_before_they_are_saved(admin: Client) -> None:
    """Beside *Save* stands *Preview*: it tells which pods would come, and *Apply* sets the labels."""
    tried = cluster(nodes=1)
    with_daemonset(tried, "ssd-monitor")
    page = admin.get(page_of("node-1")).content.decode()
    found = re.search(r'name="preview" value=""\s+formaction="([^"]+)"', page)
    assert found
    seen = node(tried, "node-1")["metadata"]["resourceVersion"]
    sent = {"labels": "disk=ssd", "seen": seen}
    shown = admin.post(found[1], {**sent, "preview": ""}).content.decode()

    assert "1 pod comes, on 1 node." in shown
    assert "disk" not in (node(tried, "node-1")["metadata"].get("labels") or {})
    assert admin.post(found[1], sent).status_code == 302
    assert node(tried, "node-1")["metadata"]["labels"] == {"disk": "ssd"}


@pytest.mark.parametrize("of", ["node", "cluster", "pass", "auditentry"])
def test_columns_in_chinese(admin: Client, of: str) -> None:
    """Heads of columns and filters are in the language of the page; a list without rows has no columns."""
    with_daemonset(cluster(nodes=1))
    page = admin.get(reverse(f"admin:controller_{of}_changelist"), headers={"Accept-Language": "zh-hans"})
    _before, _id, found = page.content.decode().partition('id="changelist"')
    said = re.findall(r"<th scope=\"col\"[^>]*>.*?</th>|<summary[^>]*>.*?</summary>", found, re.DOTALL)
    heads = [re.sub(r"<[^>]*>|\s|Pod", "", one) for one in said]
    assert [one for one in heads if re.search("[a-z]", one)] == []
    assert of == "pass" or "集群" in "".join(heads) or "名称" in heads

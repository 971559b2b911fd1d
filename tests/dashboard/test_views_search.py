"""Finding things of a cluster by name."""

from __future__ import annotations

import pytest

from controller.models import Role
from controller.services import nodes
from tests.clusters import PERSON, cluster, mirrored, pods, with_daemonset
from tests.dashboard.visits import HTMX, text_of, visitor

pytestmark = pytest.mark.django_db

SEARCH = "/clusters/tried/search/"


def test_search() -> None:
    """Sets, nodes and pods are found by a part of their names, and linked."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    page = visitor().get(f"{SEARCH}?text=nginx", headers=HTMX).content.decode()
    assert 'hx-target=".found"' in page
    assert "/clusters/tried/sets/default/nginx-ds/" in page
    assert f"/clusters/tried/pods/default/{pods(tried)['node-1'].name}/" in page
    assert "/clusters/tried/nodes/node-2/" in visitor().get(f"{SEARCH}?text=node-2").content.decode()


def test_pages_first() -> None:
    """Before anything is typed the pages are offered, and no list of everything."""
    cluster(nodes=2)
    page = text_of(visitor().get(SEARCH, headers=HTMX))
    assert "Reconcile log page" in " ".join(page.split())
    assert "node-1" not in page


def test_nothing_found() -> None:
    """A name that nothing bears is said so."""
    cluster()
    assert "Nothing bears that name." in text_of(visitor().get(f"{SEARCH}?text=nobody"))


def test_what_can_be_done() -> None:
    """A verb and a part of a name find buttons: of the clock, of sets, of nodes; viewers find none."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    for text, url, words in (
        ("pause time", "/clusters/tried/clock/", "Pause time"),
        ("restart nginx", "/clusters/tried/sets/default/nginx-ds/do/", "Restart DaemonSet default/nginx-ds"),
        ("cordon node-2", "/clusters/tried/nodes/node-2/state/", "Cordon node node-2"),
    ):
        page = visitor().get(f"{SEARCH}?text={text}", headers=HTMX)
        assert f'action="{url}"' in page.content.decode()
        assert words in text_of(page)
        assert "Nothing bears that name." in text_of(visitor(Role.VIEWER).get(f"{SEARCH}?text={text}"))
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-2"], cordoned=True)
    found = text_of(visitor().get(f"{SEARCH}?text=cordon node-2", headers=HTMX))
    assert "Uncordon node node-2" in found


@pytest.mark.parametrize("text", ["cordon node-1", "停止调度 node-1"])
def test_what_can_be_done_in_chinese(text: str) -> None:
    """In Chinese an action and a page are found by their English names as well."""
    cluster(nodes=1)
    client = visitor(headers={"Accept-Language": "zh-CN"})
    page = client.get(SEARCH, {"text": text}).content.decode()
    assert 'name="action" value="cordon"' in page
    assert "时间线" in text_of(client.get(SEARCH, {"text": "timel"}, headers=HTMX))


def test_what_can_be_done_in_a_real_cluster() -> None:
    """Of a real cluster the palette offers what its API server can be asked for, and nothing else."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    mirrored(tried)

    def found(text: str) -> str:
        return text_of(visitor().get(SEARCH, {"text": text}, headers=HTMX))

    assert "Restart DaemonSet default/nginx-ds" in found("restart nginx")
    assert "Cordon node node-1" in found("cordon node-1")
    for text in ("pause time", "step", "pause rollout", "drain", "power"):
        assert "Nothing bears that name." in found(text)

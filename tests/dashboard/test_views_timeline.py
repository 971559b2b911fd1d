"""The timeline, and the pages of any moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest

from controller import models
from controller.services import clock, nodes
from controller.services.objects import manifests_create, object_delete, object_edit
from tests.clusters import PERSON, cluster, pods, row_of, settle, with_daemonset
from tests.dashboard.visits import HTMX, text_of, visitor

pytestmark = pytest.mark.django_db
AT = "/clusters/tried/"


@pytest.fixture(name="before")
def _before() -> int:
    """Return the number before the label of a node was removed."""
    tried = cluster(nodes=2, disk="ssd")
    with_daemonset(tried, "ssd-monitor")
    number = row_of(tried).number
    nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels={})
    settle(tried)
    return number


def test_pages_of_the_past(before: int) -> None:
    """What a page says is of its moment; its links stay there, and nothing can be changed."""
    now = text_of(visitor().get(f"{AT}sets/default/ssd-monitor/"))
    page = visitor().get(f"/at/{before}{AT}sets/default/ssd-monitor/")
    said = text_of(page)
    assert "2 desired" not in now
    assert f"You look at change {before:,}" in said
    assert "1/1" in now
    assert "2/2" in said
    html = page.content.decode()
    assert f'href="/at/{before}{AT}nodes/node-1/"' in html
    assert f'href="{AT}sets/default/ssd-monitor/"' in html  # back to now
    forms = re.findall(r'method="post" action="([^"]*)"', html)
    assert forms == [f"/at/{before}/language/", f"/at/{before}/logout/"]


@pytest.mark.parametrize(
    "path",
    ["", "?view=all", "table/", "nodes/node-1/", "events/", "reach/", "?set=default/ssd-monitor&node=node-1"],
)
def test_every_page_that_shows_the_past(before: int, path: str) -> None:
    """They are there, whole and in their live parts."""
    for headers in ({}, HTMX):
        page = visitor().get(f"/at/{before}{AT}{path}", headers=headers)
        assert page.status_code == HTTPStatus.OK
        assert f"You look at change {before:,}" in text_of(page)


def test_the_verdict_of_the_past(before: int) -> None:
    """Why a node has a pod, or none, is said as of then."""
    path = f"{AT}?set=default/ssd-monitor&node=node-1"
    assert "Not targeted" in text_of(visitor().get(path))
    assert "Not targeted" not in text_of(visitor().get(f"/at/{before}{path}"))


def test_ages_of_the_past(before: int) -> None:
    """What a page tells of is as old as it was then; that is forgotten with the page."""
    models.Change.objects.filter(number__lte=before).update(at=datetime.now(UTC) + timedelta(hours=5))
    for path in ("pods/", "objects/pods/", "nodes/node-1/"):
        assert " 5h" in text_of(visitor().get(f"/at/{before}{AT}{path}")), path
        assert " 5h" not in text_of(visitor().get(f"{AT}{path}")), path


def test_the_last_pass_of_the_past(before: int) -> None:
    """The map shows the pass before its moment, not the latest one, also while the clock stands still."""
    tried = models.Cluster.objects.get().pk
    clock.clock_pause(cluster=tried, actor=PERSON)
    said = text_of(visitor().get(f"/at/{before}{AT}"))
    found = re.search(r"The last pass.*?changes? (?:[\d,]+ to )?([\d,]+)", said)
    assert found
    assert int(found[1].replace(",", "")) <= before


def test_a_pod_of_the_past(before: int) -> None:
    """A pod that is gone by now has its page."""
    tried = models.Cluster.objects.get().pk
    gone = models.Change.objects.filter(cluster=tried, kind="Pod", verb="DELETED").get().name
    assert gone not in {pod.name for pod in pods(tried).values()}
    assert "Running" in text_of(visitor().get(f"/at/{before}{AT}pods/default/{gone}/"))


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/at/5/account/", "/account/"),
        ("/at/5/", "/"),
        ("/at/x/", "/"),
        ("/at/5//elsewhere.example/", "/elsewhere.example/"),
        (f"/at/{'9' * 40}{AT}", AT),
    ],
)
@pytest.mark.usefixtures("before")
def test_addresses_of_the_past_that_are_none(path: str, there: str) -> None:
    """They lead to now, and never to another server."""
    answer = visitor().get(path)
    assert answer["Location"] == there


def test_the_timeline_of_the_past(before: int) -> None:
    """Its bar stands at that moment, and what is pressed leads to the map of another one."""
    page = visitor().get(f"/at/{before}{AT}timeline/")
    assert "What people did" in text_of(page)
    assert f'href="/at/{before}/at/' not in page.content.decode()
    assert visitor().get(f"/at/{before}{AT}timeline/data/").json()["at"] == before


def test_edits_older_than_what_is_kept(before: int) -> None:
    """They are listed, and lead nowhere: their moments cannot be shown any more."""
    tried = models.Cluster.objects.get().pk
    models.Change.objects.filter(cluster=tried, number__lte=before).delete()
    page = visitor().get(f"{AT}timeline/")
    assert "no longer kept" in text_of(page)
    for number in re.findall(r'href="/at/([0-9]+)/clusters/tried/"', page.content.decode()):
        assert visitor().get(f"/at/{number}{AT}").status_code == HTTPStatus.OK
        assert int(number) >= before


@pytest.mark.parametrize(
    "path", ["settings/", "logs/?of=DaemonSet/default/ssd-monitor", "kubectl/", "views/"]
)
def test_pages_that_know_the_present_only(before: int, path: str) -> None:
    """They say so, and lead to now and to the map of the moment."""
    page = visitor().get(f"/at/{before}{AT}{path}")
    assert "This page knows the present only" in text_of(page)
    assert f'href="{AT}{path}"' in page.content.decode()
    assert f'href="/at/{before}{AT}"' in page.content.decode()


def test_objects_of_the_past(before: int) -> None:
    """Lists of objects, an object and its YAML are those of the moment, also of what is gone since."""
    tried = models.Cluster.objects.get().pk
    manifests_create(
        cluster=tried,
        actor=PERSON,
        text="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: words}\ndata: {word: first}\n",
    )
    then = row_of(tried).number
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: words, namespace: default}\ndata: {word: other}\n"
    )
    place: Any = {
        "cluster": tried,
        "actor": PERSON,
        "kind": "ConfigMap",
        "namespace": "default",
        "name": "words",
    }
    object_edit(**place, text=text, seen=None)
    later = row_of(tried).number
    object_delete(**place)
    client, one = visitor(), f"{AT}objects/configmaps/default/words/"
    assert "first" in text_of(client.get(f"/at/{then}{one}"))
    assert "other" in text_of(client.get(f"/at/{later}{one}"))
    assert "first" not in text_of(client.get(f"/at/{later}{one}"))
    assert "words" in text_of(client.get(f"/at/{then}{AT}objects/configmaps/"))
    for number in (before, row_of(tried).number):
        assert (
            "words" not in text_of(client.get(f"/at/{number}{AT}objects/configmaps/")).partition("Kinds")[0]
        )
    counted = [
        text_of(client.get(f"/at/{number}{AT}objects/")).partition("ConfigMap ")[2].split()[0]
        for number in (before, then, row_of(tried).number)
    ]
    assert counted[0] == counted[2]
    assert int(counted[1]) == int(counted[0]) + 1


def test_passes_of_the_past(before: int) -> None:
    """The reconcile log of a moment ends there."""
    assert "1 should run" not in text_of(visitor().get(f"/at/{before}{AT}passes/"))
    assert "2 of 2 nodes: 2 should run" in text_of(visitor().get(f"/at/{before}{AT}passes/"))
    assert "1 should run" in text_of(visitor().get(f"{AT}passes/"))


def test_the_past_cannot_be_changed(before: int) -> None:
    """A form that is sent to a moment is refused."""
    answer = visitor().post(f"/at/{before}{AT}nodes/node-1/label/", {"label": "a=b"})
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert row_of(models.Cluster.objects.get().pk).number > before


@pytest.mark.usefixtures("before")
def test_leaving_from_the_past() -> None:
    """Whoever logs out on a page of the past is logged out."""
    client = visitor()
    client.post("/at/5/logout/", follow=True)
    assert client.get(AT)["Location"].startswith("/login/")


@pytest.mark.usefixtures("before")
def test_a_moment_that_has_not_come() -> None:
    """It is refused with its number."""
    page = visitor().get(f"/at/999999{AT}")
    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert "999999" in text_of(page)


def test_what_is_different(before: int) -> None:
    """Two moments are compared: who lost what, and the edit that explains it."""
    said = text_of(visitor().get(f"{AT}timeline/", {"before": f"{before:,}", "after": ""}))
    assert "1 node lost ssd-monitor" in said
    assert "node-1 ada, " in said
    assert "disk removed" in said
    same = text_of(visitor().get(f"{AT}timeline/", {"before": "", "after": "2999-01-01"}))
    assert "Every set has its pods on the same nodes." in same


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    ("moment", "said"),
    [("yesterday", "yesterday is neither the number of a change nor a time"), ("99999", "too large")],
)
def test_moments_that_are_none(moment: str, said: str) -> None:
    """What is wrong is said, and the text stays."""
    page = visitor().get(f"{AT}timeline/", {"before": moment, "after": ""})
    assert said in text_of(page)
    assert f'value="{moment}"' in page.content.decode()


def test_the_bar(before: int) -> None:
    """The script gets numbers with times, and what people did in words."""
    data = visitor().get(f"/at/{before}{AT}timeline/data/").json()
    assert (data["first"], data["at"]) == (0, before)
    assert data["points"][-1][0] == data["last"]
    assert data["marks"][-1][2:] == ["moves", "pods: 0 made, 1 deleted"]
    assert any(
        mark[2] == "edit" and mark[3].startswith("ada: Set the labels of node-1") for mark in data["marks"]
    )


def test_the_charts() -> None:
    """How numbers went comes as rows with marks in words; a sentence says the same."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    settle(tried)
    client = visitor()
    every = client.get("/clusters/tried/timeline/chart/").json()
    assert [name for name, *_rest in every["series"]] == ["desired", "ready", "nodes", "nodes not ready"]
    assert every["points"][-1][2:] == [2, 2, 2, 0]
    assert "desired 2, ready 2, nodes 2, nodes not ready 0" in every["label"]
    one = client.get("/clusters/tried/timeline/chart/?set=default/nginx-ds").json()
    assert one["points"][-1][2:] == [2, 2, 2, 2, 0]
    assert one["marks"][0][2].endswith("Created DaemonSet default/nginx-ds")
    number = one["points"][0][0]
    past = client.get(f"/at/{number}/clusters/tried/timeline/chart/?set=default/nginx-ds").json()
    assert past["points"][-1][0] == number
    none = client.get("/clusters/tried/timeline/chart/?set=default/none").json()
    assert (none["points"], none["label"]) == ([], "Nothing is kept of it yet.")
    assert (
        'data-history="/clusters/tried/timeline/chart/"'
        in client.get("/clusters/tried/timeline/").content.decode()
    )
    page = client.get("/clusters/tried/sets/default/nginx-ds/").content.decode()
    assert 'data-history="/clusters/tried/timeline/chart/?set=default/nginx-ds"' in page

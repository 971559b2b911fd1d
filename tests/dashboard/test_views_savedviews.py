"""Saved views of the map: kept, shared, renamed, deleted, opened with."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client

from controller.models import AuditEntry, Role
from controller.services.objects import object_delete
from dashboard.models import DefaultView, SavedView
from dashboard.savedviews import MOST
from tests.clusters import PERSON, cluster, settle, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor
from tests.people import someone

pytestmark = pytest.mark.django_db

SAVE, LIST = "/clusters/tried/views/save/", "/clusters/tried/views/"
QUERY = "view=all&group=disk&filter=zone%3Da"


def saved(client: Client, name: str, **given: str) -> SavedView:
    """Return a view that was just kept."""
    response = answer(client, SAVE, source="form#view-save", **{"query": QUERY, "name": name, **given})
    assert response.status_code == HTTPStatus.OK, text_of(response)
    return SavedView.objects.get(name=name)


def do(client: Client, view: SavedView, action: str, **given: str) -> tuple[int, str]:
    """Press a button of a view; return what came of it."""
    response = answer(client, f"{LIST}{view.pk}/do/", action=action, **given)
    return response.status_code, text_of(response)


def test_a_view_is_kept() -> None:
    """A view is all that the address says of the map; it is listed in words, with its address."""
    cluster()
    client = visitor()
    saved(client, "zone a", query=f"{QUERY}&evil=1")
    page = client.get(LIST)
    assert "zone a yours All sets · by disk · nodes with zone=a" in text_of(page)
    assert "/clusters/tried/?view=all&amp;group=disk&amp;filter=zone%3Da" in page.content.decode()
    assert "evil" not in page.content.decode()
    assert "zone a" in text_of(client.get("/clusters/tried/?view=one"))


def test_a_view_is_ones_own() -> None:
    """Nobody else sees, changes or opens with a view that is not shared, and it is not in the audit list."""
    cluster()
    view = saved(visitor(), "mine")
    other = visitor(Role.ADMIN)
    assert "mine" not in text_of(other.get(LIST))
    for action in ("rename", "delete", "default", "share"):
        status, said = do(other, view, action, name="theirs")
        assert status == HTTPStatus.BAD_REQUEST
        assert "This view is gone" in said
    assert SavedView.objects.get().name == "mine"
    assert not AuditEntry.objects.filter(action__startswith="view_").exists()


def test_who_operates_shares() -> None:
    """A shared view is everybody's; who may change the cluster changes it, and the audit list tells of it."""
    cluster()
    view = saved(visitor(), "ops", shared="on")
    viewer = visitor(Role.VIEWER)
    assert "ops shared All sets" in text_of(viewer.get(LIST))
    assert do(viewer, view, "rename", name="x")[0] == HTTPStatus.FORBIDDEN
    assert do(viewer, view, "delete")[0] == HTTPStatus.FORBIDDEN
    assert answer(viewer, SAVE, name="x", query="", shared="on").status_code == HTTPStatus.FORBIDDEN
    assert do(visitor(Role.ADMIN), view, "rename", name="team")[0] == HTTPStatus.OK
    assert do(visitor(Role.ADMIN), view, "delete")[0] == HTTPStatus.OK
    audit = text_of(visitor(Role.ADMIN).get("/audit/?cluster=tried"))
    for sentence in (
        "Shared the view ops of the map",
        "Renamed the shared view ops to team",
        "Deleted the shared view team",
    ):
        assert sentence in audit


def test_ones_own_view_is_shared() -> None:
    """An own view is given to all; a viewer cannot give any."""
    cluster()
    view = saved(visitor(), "later")
    assert do(visitor(), view, "share")[0] == HTTPStatus.OK
    assert "later" in text_of(visitor(Role.VIEWER).get(LIST))
    own = saved(visitor(Role.VIEWER), "own")
    assert do(visitor(Role.VIEWER), own, "share")[0] == HTTPStatus.FORBIDDEN


def test_a_name_is_taken() -> None:
    """A view keeps its name until somebody says that another one replaces it; others' names are free."""
    cluster()
    client = visitor()
    saved(client, "one")
    response = answer(client, SAVE, source="form#view-save", name="one", query="view=health")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "There is a view one already" in text_of(response)
    assert SavedView.objects.get().query.startswith("view=all")
    answer(client, SAVE, name="one", query="view=health", replace="on")
    assert SavedView.objects.get().query == "view=health"
    answer(visitor(Role.VIEWER), SAVE, name="one", query="view=health")
    answer(client, SAVE, name="one", query="view=health", shared="on")
    assert SavedView.objects.count() == 3
    own = SavedView.objects.get(owner=someone("operator"))
    other = saved(client, "two")
    assert "There is a view one already" in do(client, other, "rename", name="one")[1]
    assert "There is a view one already" in do(client, own, "share")[1]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": " "}, "This field is required."),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"name": "x", "query": "filter=" + "x" * 2000}, "at most 2000 characters"),
    ],
)
def test_what_is_not_well_formed(given: dict[str, str], words: str) -> None:
    """A view without a name, or with too long a one, is not kept, and is not renamed to it."""
    cluster()
    response = answer(visitor(), SAVE, source="form#view-save", **{"query": "", **given})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert words in text_of(response)
    assert not SavedView.objects.exists()


def test_the_map_opens_with_the_default() -> None:
    """A bare address opens the view that a person chose, for them alone; any other address stays as it is."""
    cluster()
    client = visitor()
    view = saved(client, "start", shared="on")
    assert do(client, view, "default")[0] == HTTPStatus.OK
    assert (
        client.get("/clusters/tried/")["Location"] == "/clusters/tried/?view=all&group=disk&filter=zone%3Da"
    )
    assert "start shared my default All sets" in text_of(client.get(LIST))
    assert client.get("/clusters/tried/?view=one").status_code == HTTPStatus.OK
    assert client.get("/clusters/tried/", headers=HTMX).status_code == HTTPStatus.OK
    assert visitor(Role.VIEWER).get("/clusters/tried/").status_code == HTTPStatus.OK
    do(client, view, "plain")
    assert client.get("/clusters/tried/").status_code == HTTPStatus.OK
    do(client, view, "default")
    do(visitor(Role.ADMIN), view, "delete")
    assert not DefaultView.objects.exists()
    assert client.get("/clusters/tried/").status_code == HTTPStatus.OK


def test_a_view_of_what_is_gone() -> None:
    """A view of a set that was deleted is kept, and says so where it is listed and where it is opened."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    client = visitor()
    view = saved(client, "nginx", query="set=default/nginx-ds")
    assert "is not there any more" not in text_of(client.get(LIST))
    object_delete(cluster=tried, actor=PERSON, kind="DaemonSet", namespace="default", name="nginx-ds")
    settle(tried)
    assert "default/nginx-ds is not there any more." in text_of(client.get(LIST))
    opened = text_of(client.get(f"/clusters/tried/?{view.query}"))
    assert "There is no workload default/nginx-ds here." in opened


def test_the_palette_finds_views() -> None:
    """A view is found by its name, and the list of them by what it is called."""
    cluster()
    client = visitor()
    saved(client, "Night watch")
    found = client.get("/clusters/tried/search/?text=night").content.decode()
    assert "/clusters/tried/?view=all" in found
    assert (
        'href="/clusters/tried/views/"' in client.get("/clusters/tried/search/?text=saved").content.decode()
    )


def test_views_are_bounded() -> None:
    """Somebody keeps a bounded number of views of a cluster, and is told what to do."""
    tried = cluster()
    person = someone("operator")
    SavedView.objects.bulk_create(
        SavedView(cluster_id=tried, owner=person, name=f"v{n}", query="") for n in range(MOST)
    )
    response = answer(visitor(), SAVE, source="form#view-save", name="more", query="")
    assert f"There are {MOST} views already: delete one first." in text_of(response)


def test_an_unknown_action() -> None:
    """A button that there is not does nothing."""
    cluster()
    view = saved(visitor(), "one")
    assert "There is no such action." in do(visitor(), view, "explode")[1]


def test_a_past_map_lists_views_and_keeps_none() -> None:
    """A moment of the past is seen through the same views; the list itself knows the present only."""
    cluster()
    client = visitor()
    saved(client, "one")
    page = client.get("/at/1/clusters/tried/?view=one")
    assert "/at/1/clusters/tried/?view=all" in page.content.decode()
    assert 'id="view-save"' not in page.content.decode()
    assert "This page knows the present only" in text_of(client.get("/at/1/clusters/tried/views/"))

"""What a viewer's token is refused, over the whole table of kinds, and what any token is not asked for."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import get_user_model

from controller.engine.kinds import KINDS, Kind
from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import cluster, row_of

pytestmark = pytest.mark.django_db
BODY = json.dumps({"metadata": {"name": "tried"}})
PATCH = "application/merge-patch+json"


def places(kind: Kind) -> tuple[str, str]:
    """Return the paths of a collection and of an object in it."""
    base = f"/apis/{kind.group}/v1" if kind.group else "/api/v1"
    spaced = f"{base}/namespaces/default" if kind.namespaced else base
    return f"{spaced}/{kind.plural}", f"{spaced}/{kind.plural}/tried"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_viewer_changes_nothing_of_any_kind(kind: Kind) -> None:
    """Create, update, patch, delete and their subresources are forbidden, and leave no trace."""
    viewer = Asker(cluster(), role="viewer")
    before = row_of(viewer.cluster).number
    whole, one = (viewer.base + path for path in places(kind))
    tried = [
        DoorClient().post(whole, BODY, content_type="application/json"),
        DoorClient().delete(whole),
        DoorClient().put(one, BODY, content_type="application/json"),
        DoorClient().patch(one, BODY, content_type=PATCH),
        DoorClient().delete(one),
        *(
            DoorClient().post(f"{one}/{part}", BODY, content_type="application/json")
            for part in ("eviction", "binding")
            if part in {each.name for each in kind.subresources}
        ),
    ]

    assert {answer.status_code for answer in tried} <= {403, 405}
    assert tried[2].status_code == tried[3].status_code == 403
    assert row_of(viewer.cluster).number == before
    assert DoorClient().get(whole).status_code == (403 if kind.name == "Secret" else 200)


def test_no_write_needs_or_gets_a_cookie() -> None:
    """A token is enough for a write: no session, no form's token; and none is handed out."""
    person = Asker(cluster())
    whole, _one = places(KINDS["ConfigMap"])
    client = DoorClient()
    made = client.post(person.base + whole, BODY, content_type="application/json")

    assert made.status_code == 201
    assert not client.cookies
    assert "Set-Cookie" not in made.headers


def test_a_session_opens_nothing() -> None:
    """Whoever is logged in at the page has no door without a token: other sites could use the session."""
    person = Asker(cluster())
    client = DoorClient()
    client.force_login(get_user_model().objects.get(username="the-operator"))
    assert client.get(f"/k8s/{row_of(person.cluster).name}/api/v1/nodes").status_code == 401

"""Reviews: what clients may learn about themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import cluster

pytestmark = pytest.mark.django_db
AUTHORIZATION = "/apis/authorization.k8s.io/v1/"


def review(asker: Asker, path: str, spec: Any, code: int = 201) -> Any:
    """Return what a review answers."""
    response = DoorClient().post(asker.base + path, {"spec": spec}, content_type="application/json")
    assert response.status_code == code, response.content
    return json.loads(response.content)


@pytest.mark.parametrize(
    ("role", "verb", "subresource", "may"),
    [
        ("viewer", "get", "", True),
        ("viewer", "watch", "log", True),
        ("viewer", "get", "exec", False),
        ("viewer", "create", "", False),
        ("viewer", "*", "", False),
        ("operator", "create", "exec", True),
        ("admin", "*", "", True),
    ],
)
def test_a_role_says_what_one_may(role: str, verb: str, subresource: str, *, may: bool) -> None:
    """Viewers read; operators and admins do everything."""
    asker = Asker(cluster(), role=role)
    wish = {"verb": verb, "resource": "pods", "subresource": subresource}
    answered = review(asker, AUTHORIZATION + "selfsubjectaccessreviews", {"resourceAttributes": wish})
    assert answered["status"]["allowed"] is may
    assert answered["spec"]["resourceAttributes"] == wish
    assert (answered["kind"], answered["apiVersion"]) == (
        "SelfSubjectAccessReview",
        "authorization.k8s.io/v1",
    )


@pytest.mark.parametrize(
    "spec", [{}, {"resourceAttributes": 1}, {"resourceAttributes": {}, "nonResourceAttributes": {}}, 7, [1]]
)
def test_a_review_of_nothing_is_refused(spec: Any) -> None:
    """A question that is none gets a Status, whatever it looks like."""
    asker = Asker(cluster())
    assert review(asker, AUTHORIZATION + "selfsubjectaccessreviews", spec, 400)["reason"] == "BadRequest"


def test_paths_may_be_asked_for_too() -> None:
    """A path that names no objects can be read by everybody who is let in."""
    asker = Asker(cluster(), role="viewer")
    spec = {"nonResourceAttributes": {"path": "/version", "verb": "get"}}
    assert review(asker, AUTHORIZATION + "selfsubjectaccessreviews", spec)["status"]["allowed"]


def test_somebody_learns_who_they_are() -> None:
    """The name is that of the user, and a group tells the role."""
    asker = Asker(cluster(), role="viewer")
    answered = review(asker, "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert answered["status"]["userInfo"] == {
        "username": "the-viewer",
        "groups": ["everynode:viewer", "system:authenticated"],
    }


@pytest.mark.parametrize(("role", "verbs"), [("viewer", ["get", "list", "watch"]), ("operator", ["*"])])
def test_rules_are_listed(role: str, verbs: list[str]) -> None:
    """What one may do at all, for `auth can-i --list`."""
    asker = Asker(cluster(), role=role)
    answered = review(asker, AUTHORIZATION + "selfsubjectrulesreviews", {"namespace": "default"})
    assert answered["status"]["resourceRules"][0]["verbs"] == verbs


def test_a_token_can_be_reviewed() -> None:
    """Whoever holds a token of this cluster may ask whose it is; of others nothing is told."""
    viewer, operator = Asker(cluster(), role="viewer"), Asker(cluster("other"))
    for asked, known in ((viewer, True), (operator, False)):
        spec = {"token": asked.base.rsplit("/", 1)[1]}
        answered = review(viewer, "/apis/authentication.k8s.io/v1/tokenreviews", spec)["status"]
        assert answered["authenticated"] is known
        assert answered.get("user", {}).get("username") == ("the-viewer" if known else None)

"""Reviews: what clients may learn about themselves."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from controller.engine.errors import Invalid
from controller.models import Token
from controller.services.tokens import token_create
from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import cluster
from tests.people import someone

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


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_somebody_learns_who_they_are(version: str) -> None:
    """The name is that of the user, and a group tells the role; kubectl 1.27 asks the older version."""
    asker = Asker(cluster(), role="viewer")
    answered = review(asker, f"/apis/authentication.k8s.io/{version}/selfsubjectreviews", {})
    assert answered["apiVersion"] == f"authentication.k8s.io/{version}"
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


def test_secrets_are_for_operators() -> None:
    """A viewer reads everything else, and learns it beforehand."""
    tried = cluster()
    viewer, operator = Asker(tried, role="viewer"), Asker(tried)
    for path in (
        "/api/v1/secrets",
        "/api/v1/namespaces/default/secrets",
        "/api/v1/namespaces/default/secrets/s",
    ):
        answered = viewer.ask(path, code=403)
        assert answered["message"].startswith("secrets")
        assert 'User "the-viewer" cannot' in answered["message"]
    viewer.ask("/api/v1/secrets", code=403, watch="1")
    operator.ask("/api/v1/secrets")
    wish = {"resourceAttributes": {"verb": "list", "resource": "secrets"}}
    path = AUTHORIZATION + "selfsubjectaccessreviews"
    assert [review(asker, path, wish)["status"]["allowed"] for asker in (viewer, operator)] == [False, True]
    rules = review(viewer, AUTHORIZATION + "selfsubjectrulesreviews", {})["status"]["resourceRules"]
    listed = {resource for rule in rules for resource in rule["resources"]}
    assert ("pods" in listed, "secrets" in listed) == (True, False)


def test_a_cluster_that_one_may_not_see() -> None:
    """A token for all clusters opens those that its user may see; of others it hears nothing."""
    seen = cluster("seen")
    cluster("hidden")
    person = someone("vera", "viewer", seen)
    text = token_create(cluster=None, user=person.pk, actor="vera")
    codes = {
        name: DoorClient().get(f"/k8s/{name}/{text}/api").status_code for name in ("seen", "hidden", "none")
    }
    assert codes == {"seen": 200, "hidden": 404, "none": 404}
    assert 'clusters "hidden" not found' in DoorClient().get(f"/k8s/hidden/{text}/api").json()["message"]


def test_a_token_may_do_less_than_its_user() -> None:
    """An operator's token that only reads is refused what a viewer is."""
    tried = cluster()
    person = someone("ada")
    text = token_create(cluster=tried, user=person.pk, actor="ada", reads_only=True)
    base = f"/k8s/tried/{text}/api/v1"
    assert DoorClient().get(f"{base}/nodes").status_code == 200
    assert DoorClient().get(f"{base}/secrets").status_code == 403
    assert DoorClient().delete(f"{base}/nodes/node-1").status_code == 403


def test_a_token_ends() -> None:
    """After its days it opens nothing; it lasts 90 unless it is told otherwise."""
    asker = Asker(cluster())
    asker.ask("/api")
    held = Token.objects.get()
    assert timedelta(days=89) < held.expires - timezone.now() <= timedelta(days=90)
    Token.objects.update(expires=timezone.now())
    asker.ask("/api", code=401)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_no_token_lasts_for_ever(days: int) -> None:
    """A token lasts a day at least and a year at most."""
    with pytest.raises(Invalid, match="must be between 1 and 365"):
        token_create(cluster=None, user=someone("ada").pk, actor="ada", days=days)


def test_the_access_of_others_can_be_reviewed() -> None:
    """Of a person by their role, of others by Roles and bindings, which are none. Nobody is no question."""
    asker = Asker(cluster())
    someone("reader", "viewer")
    path = AUTHORIZATION + "subjectaccessreviews"
    local = AUTHORIZATION + "namespaces/default/localsubjectaccessreviews"
    for verb, may in (("list", True), ("delete", False)):
        spec = {"user": "reader", "resourceAttributes": {"verb": verb, "resource": "pods"}}
        assert review(asker, path, spec)["status"]["allowed"] is may
        assert review(asker, local, spec)["status"]["allowed"] is may
    account = {"user": "system:serviceaccount:default:default", "resourceAttributes": {"verb": "get"}}
    assert review(asker, path, account)["status"]["allowed"] is False
    review(asker, path, {"resourceAttributes": {"verb": "get"}}, code=400)

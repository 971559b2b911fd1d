"""ServiceAccounts: their tokens, what these open, and acting as somebody else."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import override_settings

from controller import accounttokens, models
from controller.queries.access import ended
from controller.queries.authorization import account_known
from controller.services import objects
from tests.apiserver.asking import Asker, DoorClient
from tests.apiserver.test_access import AUTHORIZATION, review
from tests.clusters import PERSON, audited, cluster, standing

pytestmark = pytest.mark.django_db
ACCOUNT = "/api/v1/namespaces/default/serviceaccounts"
PODS = "/api/v1/namespaces/default/pods"
BINDING: dict[str, Any] = {
    "metadata": {"name": "bots", "namespace": "default"},
    "roleRef": {"kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io"},
    "subjects": [{"kind": "ServiceAccount", "name": "bot", "namespace": "default"}],
}


@pytest.fixture(name="asker")
def _asker() -> Asker:
    """An operator of a cluster with an account."""
    asker = Asker(cluster(nodes=1))
    create(asker, "ServiceAccount", {"metadata": {"name": "bot", "namespace": "default"}})
    return asker


def create(asker: Asker, kind: str, manifest: dict[str, Any]) -> None:
    """Create an object."""
    objects.object_create(cluster=asker.cluster, actor=PERSON, kind=kind, manifest=manifest)


def issued(asker: Asker, code: int = 201, name: str = "bot", **spec: Any) -> Any:
    """Return what a TokenRequest is answered."""
    path = f"{asker.base}{ACCOUNT}/{name}/token"
    answered = DoorClient().post(path, {"spec": spec}, content_type="application/json")
    assert answered.status_code == code, answered.content
    return json.loads(answered.content)


def as_account(asker: Asker, **spec: Any) -> Asker:
    """Return who asks with a token of the account."""
    other = object.__new__(Asker)
    other.cluster, other.base = asker.cluster, f"/k8s/tried/{issued(asker, **spec)['status']['token']}"
    return other


def test_a_token_is_issued(asker: Asker) -> None:
    """For an hour unless it is told otherwise, with Kubernetes' claims; the audit list tells."""
    made = issued(asker)
    assert (made["kind"], made["spec"]["expirationSeconds"]) == ("TokenRequest", 3600)
    claims = jwt.decode(made["status"]["token"], options={"verify_signature": False})
    assert claims["sub"] == "system:serviceaccount:default:bot"
    assert claims["exp"] - claims["iat"] == 3600
    uid = standing(asker.cluster, "ServiceAccount", "default", "bot")["metadata"]["uid"]
    assert claims["kubernetes.io"]["serviceaccount"] == {"name": "bot", "uid": uid}
    assert audited()[-1] == "Made a token of ServiceAccount default/bot for 3600 s"
    assert issued(asker, expirationSeconds=10**7)["spec"]["expirationSeconds"] == 86_400


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        ({"expirationSeconds": 60}, 422, "may not specify a duration less than 10 minutes"),
        ({"expirationSeconds": 1 << 33}, 422, "may not specify a duration larger than 2^32 seconds"),
        ({"expirationSeconds": "x"}, 400, "cannot be handled"),
        ({"boundObjectRef": {"kind": "Node", "name": "node-1"}}, 422, "supported values"),
        ({"boundObjectRef": {"kind": "Pod", "name": "none"}}, 404, 'pods "none" not found'),
        ({"name": "none"}, 404, 'serviceaccounts "none" not found'),
    ],
)
def test_no_token_is_issued(asker: Asker, spec: dict[str, Any], code: int, words: str) -> None:
    """For too short or too long, for what there is not, or for nonsense."""
    assert words in issued(asker, code, **spec)["message"]


def test_viewers_make_no_tokens(asker: Asker) -> None:
    """It would let them do what they may not."""
    viewer = Asker(asker.cluster, role="viewer")
    assert "cannot create" in issued(viewer, 403)["message"]


def test_an_account_may_what_roles_say(asker: Asker) -> None:
    """Nothing before it is bound; then that, until the binding goes."""
    bot = as_account(asker)
    assert bot.ask(PODS, code=403)["message"] == (
        'pods is forbidden: User "system:serviceaccount:default:bot" cannot list resource "pods" '
        'in API group "" in the namespace "default"'
    )
    create(asker, "RoleBinding", BINDING)
    bot.ask(PODS)
    bot.ask("/api/v1/namespaces/default")
    bot.ask("/api/v1/nodes", code=403)
    bot.ask("/api/v1/namespaces/default/secrets", code=403)
    assert DoorClient().delete(f"{bot.base}{PODS}/x").status_code == 403
    objects.object_delete(
        cluster=asker.cluster, actor=PERSON, kind="RoleBinding", namespace="default", name="bots"
    )
    bot.ask(PODS, code=403)


def test_a_role_that_there_is_not_is_named(asker: Asker) -> None:
    """As Kubernetes does, behind the refusal."""
    role = {**BINDING["roleRef"], "kind": "Role", "name": "gone"}
    create(asker, "RoleBinding", {**BINDING, "roleRef": role})
    said = as_account(asker).ask(PODS, code=403)["message"]
    assert said.endswith('"default": RBAC: role.rbac.authorization.k8s.io "gone" not found')


def test_pages_that_name_no_objects(asker: Asker) -> None:
    """An account finds out what is served, and what it may; metrics it may not read."""
    bot = as_account(asker)
    for path in ("/api", "/apis", "/apis/apps/v1", "/version", "/openapi/v3"):
        bot.ask(path)
    assert 'cannot get path "/"' in bot.ask("/", code=403)["message"]
    assert (
        "nodes.metrics.k8s.io is forbidden"
        in bot.ask("/apis/metrics.k8s.io/v1beta1/nodes", code=403)["message"]
    )
    assert "forbidden" in bot.ask("/apis/metrics.k8s.io/v1beta1/namespaces/default/pods", code=403)["message"]


def test_reviews_of_an_account(asker: Asker) -> None:
    """What it may, who it is, whose its token is, what others learn of it: all by the same rules."""
    create(asker, "RoleBinding", BINDING)
    bot = as_account(asker)
    wish = {"verb": "list", "resource": "pods", "namespace": "default"}
    own = review(bot, AUTHORIZATION + "selfsubjectaccessreviews", {"resourceAttributes": wish})["status"]
    assert own["allowed"]
    assert own["reason"].startswith('RBAC: allowed by RoleBinding "bots/default" of ClusterRole "view"')
    account = "system:serviceaccount:default:bot"
    for namespace, may in (("default", True), ("other", False)):
        spec = {"user": account, "groups": 7, "resourceAttributes": {**wish, "namespace": namespace}}
        assert review(asker, AUTHORIZATION + "subjectaccessreviews", spec)["status"]["allowed"] is may
    rules = review(bot, AUTHORIZATION + "selfsubjectrulesreviews", {"namespace": "default"})["status"]
    assert any("pods" in rule["resources"] for rule in rules["resourceRules"])
    assert rules["nonResourceRules"]
    me = review(bot, "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})["status"]["userInfo"]
    assert (me["username"], me["groups"][0]) == (account, "system:serviceaccounts")
    path = "/apis/authentication.k8s.io/v1/tokenreviews"
    held = review(asker, path, {"token": bot.base.rsplit("/", 1)[1]})["status"]
    assert (held["authenticated"], held["user"]["username"]) == (True, account)
    assert not review(asker, path, {"token": "eyJ.a.b"})["status"]["authenticated"]


def test_a_token_ends_with_its_account(asker: Asker) -> None:
    """Another account of the same name is not the one it is of."""
    bot = as_account(asker)
    bot.ask("/api")
    place: dict[str, Any] = {"cluster": asker.cluster, "actor": PERSON, "kind": "ServiceAccount"}
    objects.object_delete(**place, namespace="default", name="bot")
    bot.ask("/api", code=401)
    create(asker, "ServiceAccount", {"metadata": {"name": "bot", "namespace": "default"}})
    bot.ask("/api", code=401)


def test_a_token_ends_with_what_it_is_bound_to(asker: Asker) -> None:
    """A Secret, or a pod; one that is another by now is refused."""
    create(asker, "Secret", {"metadata": {"name": "s", "namespace": "default"}})
    bound = {"kind": "Secret", "name": "s"}
    bot = as_account(asker, boundObjectRef=bound)
    bot.ask("/api")
    issued(asker, 409, boundObjectRef={**bound, "uid": "other"})
    place: dict[str, Any] = {"cluster": asker.cluster, "actor": PERSON, "kind": "Secret"}
    objects.object_delete(**place, namespace="default", name="s")
    bot.ask("/api", code=401)


def test_tokens_that_open_nothing(asker: Asker) -> None:
    """Of another cluster, for somebody else, over, or signed by another."""
    token = issued(asker)["status"]["token"]
    other = cluster("other")
    assert account_known(text=token, cluster=asker.cluster)
    assert account_known(text=token, cluster=other) is None
    assert DoorClient().get(f"/k8s/other/{token}/api").status_code == 401
    assert DoorClient().get(f"/k8s/nowhere/{token}/api").status_code == 401
    elsewhere = issued(asker, audiences=["vault"])["status"]["token"]
    assert account_known(text=elsewhere, cluster=asker.cluster) is None
    claims = accounttokens.read(token)
    assert claims
    late = accounttokens.signed({**claims, "exp": int(time.time()) - 1})
    assert accounttokens.read(late) is None
    with override_settings(SECRET_KEY=f"{settings.SECRET_KEY}-other"):
        assert accounttokens.read(token) is None
    assert accounttokens.read("eyJ.x.y") is None


def test_operators_act_as_others(asker: Asker) -> None:
    """What these may is what Roles say; who did it is told."""
    account = {"Impersonate-User": "system:serviceaccount:default:bot"}
    body = {"metadata": {"name": "made"}}

    def made(**headers: str) -> Any:
        path = f"{asker.base}/api/v1/namespaces/default/configmaps"
        return DoorClient(headers=headers).post(path, body, content_type="application/json")

    assert made(**account).status_code == 403
    create(asker, "RoleBinding", {**BINDING, "roleRef": {**BINDING["roleRef"], "name": "edit"}})
    assert made(**account).status_code == 201
    assert models.AuditEntry.objects.latest("pk").actor == (
        "the-operator as system:serviceaccount:default:bot"
    )
    assert DoorClient(headers={"Impersonate-User": "jane"}).get(asker.base + PODS).status_code == 403
    masters = {"Impersonate-User": "jane", "Impersonate-Group": "devs, system:masters"}
    assert DoorClient(headers=masters).get(asker.base + PODS).status_code == 200
    assert DoorClient(headers={"Impersonate-Group": "devs"}).get(asker.base + PODS).status_code == 400


def test_who_may_not_act_as_others(asker: Asker) -> None:
    """Viewers, and accounts."""
    viewer, bot = Asker(asker.cluster, role="viewer"), as_account(asker)
    for one in (viewer, bot):
        answered = DoorClient(headers={"Impersonate-User": "bob"}).get(one.base + "/version")
        assert answered.status_code == 403
        assert 'cannot impersonate resource "users"' in json.loads(answered.content)["message"]


def test_streams_end_with_the_right_to_them(asker: Asker) -> None:
    """When the binding goes, or the account."""
    from controller.apiserver.call import Call  # noqa: PLC0415 -- for its type alone
    from controller.apiserver.callers import enter  # noqa: PLC0415 -- as above
    from controller.apiserver.door import call_of  # noqa: PLC0415 -- as above
    from controller.apiserver.paths import api_of, target_of  # noqa: PLC0415 -- as above

    create(asker, "RoleBinding", BINDING)
    bot = as_account(asker)
    request = DoorClient().get(f"{bot.base}{PODS}").wsgi_request
    asked = enter(request)
    api = api_of(asked.path)
    assert api
    call: Call = call_of(asked, target_of(*api))
    assert ended([call.access]) == {}
    place: dict[str, Any] = {"cluster": asker.cluster, "actor": PERSON}
    objects.object_delete(**place, kind="RoleBinding", namespace="default", name="bots")
    assert set(ended([call.access])) == {call.access}
    create(asker, "RoleBinding", BINDING)
    assert ended([call.access]) == {}
    objects.object_delete(**place, kind="ServiceAccount", namespace="default", name="bot")
    assert set(ended([call.access])) == {call.access}

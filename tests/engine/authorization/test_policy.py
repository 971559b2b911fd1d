"""What Roles and bindings allow."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.authorization.policy import EVERYTHING, Policy, Subject, Wish
from controller.engine.kinds import RBAC
from controller.engine.objects import Manifest

BOT = Subject.of_account("default", "bot")
PODS: Manifest = {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]}


def role(name: str, *rules: Manifest, namespace: str = "", **parts: Any) -> Manifest:
    """Return a Role, or without a namespace a ClusterRole."""
    place = {"namespace": namespace} if namespace else {}
    return {"metadata": {"name": name, **place, **parts.pop("meta", {})}, "rules": [*rules], **parts}


def binding(name: str, kind: str, named: str, *subjects: Manifest, namespace: str = "") -> Manifest:
    """Return a RoleBinding, or without a namespace a ClusterRoleBinding."""
    place = {"namespace": namespace} if namespace else {}
    ref = {"apiGroup": RBAC, "kind": kind, "name": named}
    return {"metadata": {"name": name, **place}, "roleRef": ref, "subjects": [*subjects]}


def account(name: str = "bot", **place: str) -> Manifest:
    """Return a ServiceAccount as a subject."""
    return {"kind": "ServiceAccount", "name": name, **place}


def may(policy: Policy, who: Subject = BOT, **wish: str) -> bool:
    """Return whether somebody may do something, get pods in the default namespace if nothing is said."""
    return policy.decide(
        who, Wish(**{"verb": "get", "resource": "pods", "namespace": "default", **wish})
    ).allowed


READER = role("reader", PODS, namespace="default")
BOUND = binding("bots", "Role", "reader", account(), namespace="default")


def test_a_role_holds_in_its_namespace() -> None:
    """For whom it is bound to, and for what it names; the reason says by what."""
    policy = Policy(roles=[READER], bindings=[BOUND])
    assert may(policy)
    assert may(policy, subresource="log")
    for other in (
        {"verb": "delete"}, {"resource": "secrets"}, {"namespace": "other"}, {"namespace": ""},
        {"group": "apps"}, {"subresource": "exec"},
    ):  # fmt: skip
        assert not may(policy, BOT, **other), other
    assert not may(policy, Subject.of_account("other", "bot"))
    assert policy.decide(BOT, Wish("get", "", "pods", namespace="default")).reason == (
        'RBAC: allowed by RoleBinding "bots/default" of Role "reader" to ServiceAccount "bot/default"'
    )


@pytest.mark.parametrize(
    ("subject", "who"),
    [
        ({"kind": "User", "name": "jane"}, Subject.named("jane")),
        ({"kind": "Group", "name": "devs"}, Subject.named("jane", ["devs"])),
        ({"kind": "Group", "name": "system:authenticated"}, Subject.named("jane")),
        ({"kind": "Group", "name": "system:serviceaccounts:default"}, BOT),
        (account(namespace="default"), BOT),
        (account(namespace="default"), Subject.named("system:serviceaccount:default:bot")),
    ],
)
def test_subjects(subject: Manifest, who: Subject) -> None:
    """A binding of the cluster holds everywhere, for users, groups and accounts; for nobody else."""
    policy = Policy(
        [role("reader", PODS)], cluster_bindings=[binding("all", "ClusterRole", "reader", subject)]
    )
    assert may(policy, who)
    assert may(policy, who, namespace="")
    assert not may(policy, Subject("nobody"))
    named = (
        f'{subject["kind"]} "{subject["name"]}{"/default" if subject["kind"] == "ServiceAccount" else ""}"'
    )
    reason = policy.decide(who, Wish("get", "", "pods")).reason
    assert reason == f'RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "reader" to {named}'


@pytest.mark.parametrize(
    ("rule", "wish", "allowed"),
    [
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"group": "x", "subresource": "y"}, True),
        ({"apiGroups": [""], "resources": ["*/scale"], "verbs": ["get"]}, {"subresource": "scale"}, True),
        ({"apiGroups": [""], "resources": ["*/scale"], "verbs": ["get"]}, {}, False),
        ({**PODS, "resourceNames": ["a"]}, {"name": "a"}, True),
        ({**PODS, "resourceNames": ["a"]}, {"name": "b"}, False),
        ({**PODS, "resourceNames": ["a"]}, {}, False),
        ({"nonResourceURLs": ["/logs/*"], "verbs": ["get"]}, {"resource": "", "path": "/logs/a"}, True),
        ({"nonResourceURLs": ["/logs"], "verbs": ["get"]}, {"resource": "", "path": "/logs/a"}, False),
        ({"nonResourceURLs": ["*"], "verbs": ["*"]}, {"resource": "", "path": "/x"}, True),
        ({"nonResourceURLs": ["*"], "verbs": ["*"]}, {}, False),
    ],
)
def test_rules(rule: Manifest, wish: dict[str, str], *, allowed: bool) -> None:
    """Stars stand for everything, names for these alone, paths for themselves or what they begin."""
    policy = Policy(
        [role("some", rule)],
        cluster_bindings=[binding("some", "ClusterRole", "some", {"kind": "User", "name": "jane"})],
    )
    assert may(policy, Subject.named("jane"), **wish) is allowed


def test_a_role_that_is_made_of_others() -> None:
    """Its rules are its own, and those of all that bear a label."""
    meta = {"labels": {"part": "yes"}}
    aggregation = {"clusterRoleSelectors": [{"matchLabels": {"part": "yes"}}]}
    policy = Policy(
        [role("whole", meta=meta, aggregationRule=aggregation), role("part", PODS, meta=meta)],
        bindings=[binding("bots", "ClusterRole", "whole", account(), namespace="default")],
    )
    assert may(policy)
    assert not may(policy, namespace="other")


def test_a_role_that_there_is_not_is_named() -> None:
    """Once, as Kubernetes does; nothing is allowed by it."""
    policy = Policy(
        cluster_bindings=[binding("all", "ClusterRole", "gone", account(namespace="default"))],
        bindings=[BOUND, {**BOUND, "metadata": {"name": "again", "namespace": "default"}}],
    )
    assert policy.decide(BOT, Wish("get", "", "pods", namespace="default")).reason == (
        f'RBAC: clusterrole.{RBAC} "gone" not found, role.{RBAC} "reader" not found'
    )
    assert Policy().decide(BOT, Wish("get", "", "pods")).reason == ""


@pytest.mark.parametrize(
    ("name", "may_not"),
    [
        ("view", [("get", "secrets"), ("create", "pods"), ("get", "roles"), ("create", "pods/exec")]),
        (
            "edit",
            [("get", "roles"), ("update", "pods/status"), ("delete", "nodes"), ("create", "namespaces")],
        ),
        ("admin", [("update", "pods/status"), ("delete", "nodes"), ("create", "namespaces")]),
        ("cluster-admin", []),
    ],
)
def test_the_roles_of_every_cluster(name: str, may_not: list[tuple[str, str]]) -> None:
    """Each allows what those before it do, and more."""
    ladder = {
        "view": ("list", "pods"), "edit": ("create", "pods"), "admin": ("create", "roles"),
        "cluster-admin": ("delete", "nodes"),
    }  # fmt: skip
    policy = Policy(bindings=[binding("b", "ClusterRole", name, account(), namespace="default")])

    def allowed(verb: str, text: str) -> bool:
        resource, _, part = text.partition("/")
        group = RBAC if resource == "roles" else ""
        return may(policy, verb=verb, resource=resource, subresource=part, group=group)

    for step, wish in ladder.items():
        assert allowed(*wish) is ([*ladder].index(step) <= [*ladder].index(name)), wish
    assert not [wish for wish in may_not if allowed(*wish)]
    assert not may(policy, verb="list", namespace="other")


def test_what_everybody_may() -> None:
    """Look what is served, and ask what one may."""
    nobody = Policy()
    assert may(nobody, resource="", path="/apis/apps/v1")
    assert not may(nobody, resource="", path="/")
    review = {"verb": "create", "resource": "selfsubjectaccessreviews", "group": "authorization.k8s.io"}
    assert may(nobody, BOT, **review)
    assert not may(nobody, Subject("nobody"), **review)


def test_masters_may_everything() -> None:
    """Whatever Roles say."""
    master = Subject.named("root", ["system:masters"])
    assert may(Policy(), master, verb="delete", resource="nodes")
    assert Policy().rules(master, "default") == EVERYTHING


def test_rules_are_listed() -> None:
    """Those that hold in a namespace, with those that hold everywhere."""
    policy = Policy(roles=[READER], bindings=[BOUND])
    assert PODS in policy.rules(BOT, "default")
    assert PODS not in policy.rules(BOT, "other")


def test_what_is_stored_goes_first() -> None:
    """A ClusterRole view of one's own is the one that counts."""
    own = Policy(
        [role("view")], bindings=[binding("b", "ClusterRole", "view", account(), namespace="default")]
    )
    assert not may(own)

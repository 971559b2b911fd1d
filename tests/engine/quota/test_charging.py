"""Whether something may come in beside what stands: the sentences are those of a real API server."""

from __future__ import annotations

import re
from typing import Any

import pytest

from controller.engine.errors import Forbidden
from controller.engine.objects import Manifest
from controller.engine.quota.amounts import said
from controller.engine.quota.charging import Quota, charges
from tests.engine.quota.test_usage import claim, pod, service


def quota(
    name: str, used: dict[str, str] | None = None, *, scopes: tuple[str, ...] = (), **hard: str
) -> Quota:
    """Return a quota whose status tells what it allows and what is used, by default nothing.

    In the names of resources two underlines stand for a dot, one for a hyphen.
    """
    allowed = {_name(key): amount for key, amount in hard.items()}
    counted = dict.fromkeys(allowed, "0") | {_name(k): v for k, v in (used or {}).items()}
    spec = {"hard": allowed, "scopes": list(scopes)}
    status = {"hard": allowed, "used": counted}
    return Quota.read({"metadata": {"name": name}, "spec": spec, "status": status})


def _name(key: str) -> str:
    return key.replace("__", ".").replace("_", "-")


def asking(cpu: str, memory: str, /, **limits: str) -> Manifest:
    """Return a pod that asks for so much."""
    return pod({"requests": {"cpu": cpu, "memory": memory}, "limits": limits})


def test_what_comes_in_is_added_to_what_is_used() -> None:
    """Of the quotas that it counts for, and of their resources."""
    compute = quota("compute", {"requests__cpu": "1"}, requests__cpu="2", pods="4")
    others = quota("others", secrets="1")
    found = charges([others, compute], "Pod", asking("500m", "1Gi"))
    assert {name: said(used) for name, used in found.items()} == {"compute": "pods=1,requests.cpu=1500m"}


def refusal(quotas: list[Quota], kind: str, manifest: Manifest, before: Manifest | None = None) -> str:
    """Return in which words something is refused."""
    with pytest.raises(Forbidden) as caught:
        charges(quotas, kind, manifest, before)
    return str(caught.value)


def test_what_is_too_much_is_refused() -> None:
    """All that a quota has no room for is named, with what is asked for, used and allowed."""
    full = quota(
        "a", {"limits__cpu": "250m", "requests__memory": "100M", "pods": "1"},
        limits__cpu="1", requests__memory="150Mi", pods="4",
    )  # fmt: skip
    assert refusal([full], "Pod", asking("1", "100Mi", cpu="1")) == (
        'pods "p" is forbidden: exceeded quota: a, requested: limits.cpu=1,requests.memory=100Mi, '
        "used: limits.cpu=250m,requests.memory=100M, limited: limits.cpu=1,requests.memory=150Mi"
    )


def test_a_quota_of_cpu_or_memory_wants_each_container_to_say() -> None:
    """Of any quota, before any of them is found to be full; of ephemeral storage it does not."""
    full, strict = quota("a", pods="0"), quota("b", limits__cpu="1", requests__memory="1Gi")
    first = [{"name": "i"}]
    silent = pod({}, {"requests": {"memory": "50Mi"}}, first=first)
    assert refusal([strict, full], "Pod", silent) == (
        'pods "p" is forbidden: failed quota: b: must specify limits.cpu for: c0,c1,i; '
        "requests.memory for: c0,i"
    )
    assert "exceeded quota: a" in refusal([full, strict], "Pod", asking("1", "1Mi", cpu="1m"))
    whole = pod({}, resources={"limits": {"cpu": "1"}, "requests": {"memory": "1Gi"}})
    assert said(charges([strict], "Pod", whole)["b"]) == "limits.cpu=1,requests.memory=1Gi"
    assert not charges([quota("c", requests__ephemeral_storage="1Gi")], "Pod", pod({}))


def test_a_quota_that_nobody_has_counted_yet() -> None:
    """Without a status it does not hold; without the usage of a resource nobody knows."""
    new = Quota.read({"metadata": {"name": "new"}, "spec": {"hard": {"pods": "0"}}})
    assert not charges([new], "Pod", pod({}))
    hard = {"pods": "3", "count/pods": "9"}
    half = Quota.read({"metadata": {"name": "half"}, "status": {"hard": hard, "used": {"pods": "0"}}})
    assert refusal([half], "Pod", pod({})) == (
        'pods "p" is forbidden: status unknown for quota: half, resources: count/pods,pods'
    )


def test_only_what_it_is_about_counts_for_a_quota_with_scopes() -> None:
    """A pod that asks for nothing is another's."""
    best = quota("best", scopes=("BestEffort",), pods="0")
    assert not charges([best], "Pod", asking("1", "1"))
    assert refusal([best], "Pod", pod({})).endswith("requested: pods=1, used: pods=0, limited: pods=0")


@pytest.mark.parametrize(
    ("kind", "before", "after", "rise"),
    [
        pytest.param("Service", service("ClusterIP", {}), service("NodePort", {}), "1", id="another type"),
        pytest.param("Service", service("NodePort", {}), service("ClusterIP", {}), "", id="fewer"),
        pytest.param("PersistentVolumeClaim", claim("1Gi"), claim("3Gi"), "2Gi", id="larger"),
        pytest.param("PersistentVolumeClaim", claim("3Gi"), claim("3Gi"), "", id="the same"),
    ],
)
def test_a_change_counts_by_what_it_adds(kind: str, before: Any, after: Any, rise: str) -> None:
    """What an object had counts already."""
    name = "services.nodeports" if kind == "Service" else "requests.storage"
    used = charges([quota("q", services__nodeports="9", requests__storage="9Gi")], kind, after, before)
    assert [str(each[name]) for each in used.values()] == ([rise] if rise else [])


def test_a_change_that_brings_an_object_under_a_quota_counts_whole() -> None:
    """Before it was not counted there."""
    ending = quota("ending", scopes=("Terminating",), pods="1")
    said_now = charges([ending], "Pod", pod({}, activeDeadlineSeconds=5), pod({}))
    assert said(said_now["ending"]) == "pods=1"
    full = quota("ending", {"pods": "1"}, scopes=("Terminating",), pods="1")
    said_then = refusal([full], "Pod", pod({}, activeDeadlineSeconds=5), pod({}))
    assert re.search("exceeded quota: ending", said_then)

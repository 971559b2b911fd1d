"""Objects of any kind: created, replaced, deleted, pasted as text. What passes make of it: test_passes."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.errors import (
    AlreadyExists,
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
)
from controller.engine.objects import Manifest
from controller.services import objects, pods
from controller.services.objects import Done
from controller.store import rows
from tests.builders import daemonset_manifest
from tests.clusters import (
    PERSON,
    audited,
    bare_cluster,
    cluster,
    demo_text,
    everything,
    row_of,
    settle,
    standing,
    with_daemonset,
)
from tests.clusters import pods as pods_of

pytestmark = pytest.mark.django_db

SET = ("DaemonSet", "default", "nginx-ds")


def account(name: str, namespace: str = "default") -> Manifest:
    """Return a ServiceAccount as a person writes it."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def namespace(name: str) -> Manifest:
    """Return a Namespace as a person writes it."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def create(tried: int, kind: str, manifest: Manifest) -> Manifest:
    """Create an object as the test's person."""
    return objects.object_create(cluster=tried, actor=PERSON, kind=kind, manifest=manifest)


def delete_set(tried: int, propagation: str) -> None:
    """Delete the demo's set as the test's person."""
    objects.object_delete(
        cluster=tried, actor=PERSON, kind=SET[0], namespace=SET[1], name=SET[2], propagation=propagation
    )


def test_create() -> None:
    """A created object is admitted: with a uid and a number, and the audit list tells of it."""
    tried = cluster()
    made = create(tried, "ServiceAccount", account("robot"))
    stands = standing(tried, "ServiceAccount", "default", "robot")

    assert stands["metadata"] == {**made["metadata"], "resourceVersion": str(row_of(tried).number)}
    assert made["metadata"]["uid"]
    assert audited()[-1] == "Created ServiceAccount default/robot"


def test_generated_names() -> None:
    """A name that is only begun is completed, each time differently."""
    tried = cluster()
    begun = account("")
    begun["metadata"] = {"generateName": "robot-", "namespace": "default"}
    names = {create(tried, "ServiceAccount", begun)["metadata"]["name"] for _ in range(3)}

    assert len(names) == 3
    assert all(name.startswith("robot-") and len(name) == 11 for name in names)


REFUSED = [
    pytest.param("ServiceAccount", account("default"), AlreadyExists, "already exists", id="a taken name"),
    pytest.param(
        "ServiceAccount",
        account("a", "nowhere"),
        NotFound,
        'namespaces "nowhere" not found',
        id="no namespace",
    ),
    pytest.param("ServiceAccount", account("No Name"), Invalid, "is invalid", id="a wrong name"),
    pytest.param("Widget", account("a"), BadRequest, 'no matches for kind "Widget"', id="an unknown kind"),
]


@pytest.mark.parametrize(("kind", "manifest", "error", "words"), REFUSED)
def test_create_refused(kind: str, manifest: Manifest, error: type[Refused], words: str) -> None:
    """What cannot be created is refused in the API server's words, and changes nothing."""
    tried = cluster()
    before, said = everything(tried), audited()
    with pytest.raises(error, match=words):
        create(tried, kind, manifest)

    assert everything(tried) == before
    assert audited() == said


def test_a_namespace_comes_and_goes_whole() -> None:
    """A namespace is born with its default account, and takes all that is in it when it goes."""
    tried = cluster(nodes=1)
    create(tried, "Namespace", namespace("apart"))
    create(tried, "DaemonSet", daemonset_manifest("agent", namespace="apart"))
    settle(tried)
    held = {key[0] for key in everything(tried) if key[1] == "apart"}
    assert held >= {"DaemonSet", "Pod", "ControllerRevision", "ServiceAccount", "Event"}

    objects.object_delete(cluster=tried, actor=PERSON, kind="Namespace", namespace="", name="apart")
    settle(tried)
    assert not [key for key in everything(tried) if "apart" in key]


def test_namespaces_of_the_system_stay() -> None:
    """The namespaces that every cluster is born with cannot be deleted."""
    with pytest.raises(Forbidden, match="may not be deleted"):
        objects.object_delete(
            cluster=cluster(), actor=PERSON, kind="Namespace", namespace="", name="kube-system"
        )


def test_replace() -> None:
    """A replaced object keeps its uid and status; its generation rises when its spec changed."""
    tried = cluster(nodes=1)
    before = with_daemonset(tried)
    edited = {**before, "spec": {**before["spec"], "minReadySeconds": 5}}
    made = objects.object_replace(cluster=tried, actor=PERSON, kind="DaemonSet", manifest=edited)

    assert made["metadata"]["uid"] == before["metadata"]["uid"]
    assert made["status"] == before["status"]
    assert made["metadata"]["generation"] == before["metadata"]["generation"] + 1
    assert audited()[-1] == "Edited DaemonSet default/nginx-ds: spec.minReadySeconds=5"


def test_replace_refused() -> None:
    """A stale version, given or within the manifest, is a conflict; a missing object is not found."""
    tried = cluster(nodes=1)
    before = with_daemonset(tried)
    edited = {**before, "spec": {**before["spec"], "minReadySeconds": 5}}
    objects.object_replace(cluster=tried, actor=PERSON, kind="DaemonSet", manifest=edited)
    for seen in (None, "1"):
        with pytest.raises(Conflict) as refused:
            objects.object_replace(cluster=tried, actor=PERSON, kind="DaemonSet", manifest=before, seen=seen)
        assert refused.value.standing == standing(tried, *SET)
    with pytest.raises(NotFound):
        objects.object_replace(cluster=tried, actor=PERSON, kind="Node", manifest={"metadata": {"name": "x"}})
    with pytest.raises(Invalid, match="Required value"):
        objects.object_replace(cluster=tried, actor=PERSON, kind="Node", manifest={})


def test_delete_in_the_background() -> None:
    """By default a set goes at once, and the garbage collector takes its pods and revisions."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    delete_set(tried, "Background")
    assert rows.find(tried, SET) is None
    assert len(pods_of(tried)) == 2

    settle(tried)
    assert not models.Pod.objects.exists()
    assert not models.ControllerRevision.objects.exists()
    assert audited()[-1] == "Deleted DaemonSet default/nginx-ds"


def test_delete_in_the_foreground() -> None:
    """In the foreground the set waits, marked, until the last of its dependants is gone."""
    tried = cluster(nodes=2)
    before = with_daemonset(tried)
    delete_set(tried, "Foreground")
    waits = standing(tried, *SET)["metadata"]
    assert waits["finalizers"] == ["foregroundDeletion"]
    assert waits["generation"] == before["metadata"]["generation"] + 1
    assert "deletionTimestamp" in waits

    settle(tried)
    assert rows.find(tried, SET) is None
    assert not models.Pod.objects.exists()


def test_delete_and_orphan() -> None:
    """An orphaning deletion leaves the pods, without an owner; a set made anew adopts them."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    before = set(models.Pod.objects.values_list("uid", flat=True))
    delete_set(tried, "Orphan")
    settle(tried)
    assert rows.find(tried, SET) is None
    assert set(models.Pod.objects.values_list("owner", flat=True)) == {""}

    again = with_daemonset(tried)
    assert set(models.Pod.objects.values_list("uid", flat=True)) == before
    assert set(models.Pod.objects.values_list("owner", flat=True)) == {again["metadata"]["uid"]}


def test_another_finalizer_is_kept() -> None:
    """A deletion that changes its mind keeps the finalizers that others have set."""
    tried = cluster()
    before = with_daemonset(tried)
    held = {**before, "metadata": {**before["metadata"], "finalizers": ["example.com/hold"]}}
    objects.object_replace(cluster=tried, actor=PERSON, kind="DaemonSet", manifest=held)
    delete_set(tried, "Foreground")
    first = standing(tried, *SET)["metadata"]
    delete_set(tried, "Background")
    second = standing(tried, *SET)["metadata"]

    assert first["finalizers"] == ["example.com/hold", "foregroundDeletion"]
    assert second["finalizers"] == ["example.com/hold"]
    assert second["deletionTimestamp"] == first["deletionTimestamp"]


def test_delete_refused() -> None:
    """Neither an unknown policy nor a missing object is passed over."""
    tried = cluster()
    with pytest.raises(BadRequest, match="propagationPolicy"):
        delete_set(tried, "Sideways")
    with pytest.raises(NotFound, match='"nginx-ds" not found'):
        delete_set(tried, "Background")


def test_a_running_pod_is_stopped() -> None:
    """A running pod terminates within its grace period; force does not wait for that."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    models.Cluster.objects.filter(pk=tried).update(stop_delay=60.0)
    first, second = (pods_of(tried)[name] for name in ("node-1", "node-2"))
    for _ in range(2):
        pods.pod_delete(cluster=tried, actor=PERSON, namespace="default", name=first.name)
    stopping = standing(tried, "Pod", "default", first.name)["metadata"]
    assert stopping["deletionGracePeriodSeconds"] == 30
    assert models.Pod.objects.get(pk=first.pk).terminating

    pods.pod_delete(cluster=tried, actor=PERSON, namespace="default", name=first.name, force=True)
    pods.pod_delete(cluster=tried, actor=PERSON, namespace="default", name=second.name, force=True)
    assert not models.Pod.objects.exists()
    settle(tried)
    assert len(pods_of(tried)) == 2


def test_a_pod_that_never_ran_is_gone_at_once() -> None:
    """There is nothing to stop about a pod that is not bound to a node."""
    tried = cluster()
    spec = {"containers": [{"name": "main", "image": "agent:1"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}, "spec": spec}
    create(tried, "Pod", pod)
    pods.pod_delete(cluster=tried, actor=PERSON, namespace="default", name="bare")

    assert rows.find(tried, ("Pod", "default", "bare")) is None


def test_pasted_text() -> None:
    """Every document of a text is created, in its order, with one number each."""
    tried = cluster()
    text = "\n---\n".join([demo_text("nginx-ds"), demo_text("fluentd-elasticsearch")])
    done = objects.manifests_create(cluster=tried, actor=PERSON, text=text)

    assert done == [
        Done("created", "DaemonSet", "default", "nginx-ds"),
        Done("created", "DaemonSet", "kube-system", "fluentd-elasticsearch"),
    ]
    assert audited()[-2:] == [
        "Created DaemonSet default/nginx-ds",
        "Created DaemonSet kube-system/fluentd-elasticsearch",
    ]


def test_pasted_text_may_build_on_itself() -> None:
    """A document may need what one before it made."""
    tried = cluster()
    space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: apart}\n"
    inside = demo_text("nginx-ds").replace("name: nginx-ds", "name: nginx-ds\n  namespace: apart", 1)
    objects.manifests_create(cluster=tried, actor=PERSON, text=f"{space}---\n{inside}")

    assert standing(tried, "DaemonSet", "apart", "nginx-ds")


def test_pasted_text_all_or_nothing() -> None:
    """If one document is refused nothing is created; the faults of several come together."""
    tried = cluster()
    before = everything(tried)
    good, twice = demo_text("ssd-monitor"), demo_text("nginx-ds")
    with pytest.raises(AlreadyExists, match='"nginx-ds" already exists'):
        objects.manifests_create(cluster=tried, actor=PERSON, text=f"{good}---\n{twice}---\n{twice}")
    lost = twice.replace("name: nginx-ds", "name: nginx-ds\n  namespace: nowhere", 1)
    with pytest.raises(BadRequest) as refused:
        objects.manifests_create(cluster=tried, actor=PERSON, text=f"{twice}---\n{twice}---\n{lost}")
    with pytest.raises(BadRequest, match="line"):
        objects.manifests_create(cluster=tried, actor=PERSON, text=f"{good}\n---\nkind: [")

    assert refused.value.sentence.splitlines() == [
        'daemonsets.apps "nginx-ds" already exists',
        'namespaces "nowhere" not found',
    ]
    assert everything(tried) == before


def test_a_cluster_that_is_gone() -> None:
    """Whatever is wished of a cluster that is not there, the refusal names it."""
    with pytest.raises(NotFound, match='clusters "404" not found'):
        create(404, "ServiceAccount", account("robot"))
    with pytest.raises(NotFound, match='namespaces "default" not found'):
        create(bare_cluster(), "ServiceAccount", account("robot"))

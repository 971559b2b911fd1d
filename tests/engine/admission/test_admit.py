"""The door: what the server writes into objects by itself, at birth and at each change."""

from __future__ import annotations

import copy

import pytest

from controller.engine.admission.admit import admit_status
from controller.engine.admission.defaults import CONTAINER_STATUS
from controller.engine.errors import BadRequest, Invalid
from controller.engine.objects import GENERATION_ANNOTATION, Manifest
from tests.engine.admission.parts import NOW, UID, container, created, daemonset, node, pod, pod_spec, updated


def template_generation(manifest: Manifest) -> str:
    """Return the number of a set's template."""
    found: str = manifest["metadata"]["annotations"][GENERATION_ANNOTATION]
    return found


def test_a_new_object_gets_its_identity() -> None:
    """Uid, time, generation and namespace are the server's, whatever the client wrote."""
    manifest = daemonset()
    manifest["metadata"] |= {
        "uid": "mine",
        "generation": 7,
        "creationTimestamp": "2020-01-01T00:00:00Z",
        "deletionTimestamp": "2020-01-01T00:00:00Z",
        "deletionGracePeriodSeconds": 0,
        "managedFields": [{"manager": "kubectl"}],
    }

    assert created(manifest)["metadata"] == {
        "name": "a",
        "namespace": "default",
        "uid": UID,
        "creationTimestamp": "2026-01-31T09:30:00Z",
        "generation": 1,
        "annotations": {GENERATION_ANNOTATION: "1"},
    }


def test_a_name_is_generated_from_its_beginning() -> None:
    """The beginning is cut so that the whole is no longer than 63 characters."""
    manifest = pod()
    manifest["metadata"] = {"generateName": "a" * 60 + "-"}
    name = created(manifest)["metadata"]["name"]

    assert name == "a" * 58 + "x7k2p"
    assert len(name) == 63


def test_a_refused_object_without_a_name_is_called_by_its_beginning() -> None:
    """The sentence names something, if there is something."""
    manifest = daemonset(selector={})
    manifest["metadata"] = {"generateName": "A-"}
    with pytest.raises(Invalid, match='DaemonSet "A-x7k2p" is invalid'):
        created(manifest)
    with pytest.raises(Invalid, match='DaemonSet "" is invalid'):
        created({"kind": "DaemonSet"})


def test_an_object_that_was_stored_before_is_not_created_again() -> None:
    """A resourceVersion is the mark of a stored object."""
    manifest = node()
    manifest["metadata"]["resourceVersion"] = "5"
    with pytest.raises(BadRequest, match="resourceVersion should not be set"):
        created(manifest)


@pytest.mark.parametrize(("written", "kept"), [("5", "5"), ("0", "1"), ("-3", "1")])
def test_the_template_generation_may_be_given_at_birth(written: str, kept: str) -> None:
    """A recreated set can go on counting, so that the pods it adopts are not replaced."""
    manifest = daemonset()
    manifest["metadata"]["annotations"] = {GENERATION_ANNOTATION: written}

    assert template_generation(created(manifest)) == kept


def test_a_template_generation_that_is_no_number_is_refused() -> None:
    """In the words of the server, whose own words here are Go's."""
    manifest = daemonset()
    manifest["metadata"]["annotations"] = {GENERATION_ANNOTATION: "abc"}
    with pytest.raises(BadRequest, match=r'strconv\.ParseInt: parsing "abc": invalid syntax'):
        created(manifest)


def test_a_change_of_the_template_counts_twice() -> None:
    """Once for the spec and once for the template."""
    old = created(daemonset())
    new = updated(old, daemonset(pod=pod_spec(containers=[container(image="app:2")])))

    assert new["metadata"]["generation"] == 2
    assert template_generation(new) == "2"


def test_a_change_beside_the_template_counts_once() -> None:
    """The template's number stays, even if the client writes another."""
    old, manifest = created(daemonset()), daemonset(minReadySeconds=5)
    manifest["metadata"]["annotations"] = {GENERATION_ANNOTATION: "9"}
    new = updated(old, manifest)

    assert new["metadata"]["generation"] == 2
    assert template_generation(new) == "1"


def test_a_change_of_metadata_counts_not_at_all() -> None:
    """Labels and annotations are not the spec."""
    old, manifest = created(daemonset()), daemonset()
    manifest["metadata"]["labels"] = {"team": "x"}
    new = updated(old, manifest)

    assert new["metadata"]["generation"] == 1
    assert new["metadata"]["labels"] == {"team": "x"}


def test_another_spelling_is_no_change() -> None:
    """Amounts, empty lists and defaults that are written out say the same as before."""
    old = created(daemonset(pod=pod_spec(containers=[container(resources={"limits": {"cpu": "0.5"}})])))
    spelt = pod_spec(
        containers=[container(resources={"limits": {"cpu": "500m"}}, imagePullPolicy="IfNotPresent")],
        tolerations=[],
        hostNetwork=False,
    )

    assert updated(old, daemonset(pod=spelt))["metadata"] == old["metadata"]


def test_what_is_the_servers_stays_through_an_update() -> None:
    """Identity, times, version and status come from the stored object."""
    old = created(daemonset())
    old["metadata"] |= {"resourceVersion": "12", "deletionTimestamp": "2026-01-31T09:30:30Z"}
    old["status"]["numberReady"] = 3
    manifest = copy.deepcopy(old)
    manifest["metadata"] |= {"generation": 40, "creationTimestamp": None, "resourceVersion": "1"}
    manifest["status"] = {"numberReady": 9}

    assert updated(old, manifest) == old


def test_a_status_is_not_made_by_an_update() -> None:
    """An object without a status keeps none."""
    old = created({"kind": "ServiceAccount", "metadata": {"name": "a"}})

    assert updated(old, {**old, "status": {"a": 1}}) == old


@pytest.mark.parametrize(
    ("kind", "sent", "stored"),
    [
        pytest.param(
            "Pod",
            {"containerStatuses": [{"name": "main", "ready": True}, {"state": {"running": {}}}]},
            {
                "containerStatuses": [
                    {**CONTAINER_STATUS, "name": "main", "ready": True},
                    {**CONTAINER_STATUS, "state": {"running": {}}},
                ]
            },
            id="containers",
        ),
        pytest.param(
            "Pod", {"initContainerStatuses": [{}]}, {"initContainerStatuses": [CONTAINER_STATUS]}, id="init"
        ),
        pytest.param(
            "Node",
            {"conditions": [{"type": "Ready", "status": "Unknown"}]},
            {"conditions": [{"type": "Ready", "status": "Unknown", "lastTransitionTime": None}]},
            id="conditions",
        ),
        pytest.param(
            "DaemonSet",
            {"numberReady": 3},
            {
                "currentNumberScheduled": 0,
                "desiredNumberScheduled": 0,
                "numberMisscheduled": 0,
                "numberReady": 3,
            },
            id="numbers",
        ),
    ],
)
def test_a_status_has_what_its_types_always_have(kind: str, sent: Manifest, stored: Manifest) -> None:
    """A client may leave it out; controllers and columns find it all the same."""
    old = created({"Pod": pod, "Node": node, "DaemonSet": daemonset}[kind]())

    assert admit_status(kind, old, {"metadata": {"name": "x"}, "status": sent})["status"] == stored


def test_nothing_that_comes_in_is_changed() -> None:
    """The caller's manifests are as they were."""
    written, second = daemonset(), daemonset(minReadySeconds=5)
    before, after = copy.deepcopy(written), copy.deepcopy(second)
    old = created(written)
    stored = copy.deepcopy(old)
    updated(old, second)

    assert (written, second, old) == (before, after, stored)


def test_times_are_the_walls() -> None:
    """Manifests carry wall time, whole seconds, UTC."""
    assert created(node())["metadata"]["creationTimestamp"] == NOW.stamp

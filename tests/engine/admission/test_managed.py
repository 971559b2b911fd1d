"""Owners of fields: what updates take over, and what server-side apply merges, gives up and refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.admission import fieldsets
from controller.engine.admission.managed import (
    APPLY,
    UPDATE,
    Manager,
    after_status,
    after_update,
    apply,
    claimed_in,
    with_managers,
)
from controller.engine.errors import ApplyConflict
from controller.engine.objects import LAST_APPLIED

NOW = "2026-01-01T00:00:00Z"


def manager(name: str, operation: str = APPLY, *, subresource: str = "") -> Manager:
    """Return a manager that owns nothing yet."""
    return Manager(name, operation, "apps/v1", subresource, NOW)


def agent(image: str = "agent:1", **meta: Any) -> dict[str, Any]:
    """Return a DaemonSet with one container."""
    containers = [{"name": "main", "image": image}]
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent", **meta},
        "spec": {"template": {"spec": {"containers": containers}}},
    }


def applied(live: Any, wanted: Any, by: Manager, *, force: bool = False) -> dict[str, Any]:
    """Return the object as it is stored after an apply."""
    merged, managers = apply("DaemonSet", live, wanted, by, force=force)
    return with_managers(merged, managers)


def owners(manifest: dict[str, Any]) -> dict[str, set[str]]:
    """Return which paths each manager owns."""
    return {
        raw["manager"]: {fieldsets.spoken(path) for path in fieldsets.paths(raw["fieldsV1"])}
        for raw in manifest["metadata"].get("managedFields", ())
    }


IMAGE = '.spec.template.spec.containers[name="main"].image'
CONTAINER = {
    '.spec.template.spec.containers[name="main"]',
    '.spec.template.spec.containers[name="main"].name',
    IMAGE,
}


def test_managers_stand_in_the_order_of_the_api_server() -> None:
    """Those that apply come first, then the older, then by name."""
    owned = frozenset({("f:spec",)})
    many = [
        Manager("b", UPDATE, "apps/v1", "", NOW, owned),
        Manager("z", APPLY, "apps/v1", "", NOW, owned),
        Manager("a", UPDATE, "apps/v1", "", NOW, owned),
        Manager("c", UPDATE, "apps/v1", "", "2020-01-01T00:00:00Z", owned),
    ]
    entries = with_managers(agent(), many)["metadata"]["managedFields"]
    assert [entry["manager"] for entry in entries] == ["z", "c", "a", "b"]


def test_an_apply_owns_what_it_names() -> None:
    """Identity fields have no owner; members of lists are owned with their keys."""
    made = applied(None, agent(labels={"tier": "gold"}), manager("robot"))

    assert owners(made) == {"robot": {".metadata.labels.tier", *CONTAINER}}
    entry = made["metadata"]["managedFields"][0]
    assert entry["fieldsV1"]["f:metadata"] == {"f:labels": {"f:tier": {}}}
    assert (entry["operation"], entry["fieldsType"], entry["time"]) == ("Apply", "FieldsV1", NOW)


def test_what_is_no_longer_applied_goes() -> None:
    """Fields that only this manager wanted are removed; those of others stay."""
    first = applied(None, agent(labels={"a": "1", "b": "2"}), manager("robot"))
    second = applied(first, agent(labels={"b": "2"}), manager("human"))
    third = applied(second, agent(), manager("robot"))

    assert third["metadata"]["labels"] == {"b": "2"}
    assert owners(third)["human"] >= {".metadata.labels.b"}


def test_a_list_member_that_is_no_longer_applied_goes() -> None:
    """The whole container leaves; an empty map does not stay behind."""
    wanted = agent(labels={"a": "1"})
    wanted["spec"]["template"]["spec"]["containers"].append({"name": "side", "image": "side:1"})
    first = applied(None, wanted, manager("robot"))
    second = applied(first, agent(), manager("robot"))

    assert [c["name"] for c in second["spec"]["template"]["spec"]["containers"]] == ["main"]
    assert "labels" not in second["metadata"]


def test_a_change_of_what_another_owns_is_a_conflict() -> None:
    """The sentence is the API server's (recorded: apply-and-patch)."""
    live = after_update("DaemonSet", None, agent(), manager("kubectl-client-side-apply", UPDATE))
    with pytest.raises(ApplyConflict) as refused:
        applied(live, agent("agent:9"), manager("robot"))

    assert refused.value.sentence == (
        f'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: {IMAGE}'
    )
    forced = applied(live, agent("agent:9"), manager("robot"), force=True)
    assert IMAGE not in owners(forced)["kubectl-client-side-apply"]
    assert owners(forced)["robot"] == CONTAINER


def test_kubectl_meets_no_conflict_with_its_own_former_apply() -> None:
    """What still stands as its client-side apply wrote it is its own; what others changed since is not."""
    noted = {LAST_APPLIED: json.dumps(agent())}
    live = after_update(
        "DaemonSet", None, agent(annotations=noted), manager("kubectl-client-side-apply", UPDATE)
    )
    taken = applied(live, agent("agent:2"), manager("kubectl"))

    assert taken["spec"]["template"]["spec"]["containers"][0]["image"] == "agent:2"
    assert IMAGE not in owners(taken)["kubectl-client-side-apply"]
    with pytest.raises(ApplyConflict):
        applied(live, agent("agent:2"), manager("robot"))
    edited = after_update("DaemonSet", live, agent("agent:5", annotations=noted), manager("edit", UPDATE))
    with pytest.raises(ApplyConflict):
        applied(edited, agent("agent:2"), manager("kubectl"))


def test_what_kubectl_applies_by_the_server_is_noted_for_its_own_apply() -> None:
    """Where that was used before; of others, and elsewhere, nothing is noted."""
    noted = {LAST_APPLIED: json.dumps(agent())}
    live = after_update(
        "DaemonSet", None, agent(annotations=noted), manager("kubectl-client-side-apply", UPDATE)
    )
    wanted = agent("agent:2", annotations={"x": "<&>"}, labels={"a": "1"})
    taken = applied(live, wanted, manager("kubectl"))

    assert taken["metadata"]["annotations"][LAST_APPLIED] == (
        '{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"annotations":{"x":"\\u003c\\u0026\\u003e"},'
        '"labels":{"a":"1"},"name":"agent"},"spec":{"template":{"spec":{"containers":'
        '[{"image":"agent:2","name":"main"}]}}}}\n'
    )
    assert f".metadata.annotations.{LAST_APPLIED}" in owners(taken)["kubectl-client-side-apply"]
    assert LAST_APPLIED not in applied(None, wanted, manager("kubectl"))["metadata"]["annotations"]
    assert applied(live, agent(), manager("robot"))["metadata"]["annotations"] == noted
    plain = after_update("DaemonSet", None, agent(), manager("edit", UPDATE))
    assert "annotations" not in applied(plain, agent(), manager("kubectl"))["metadata"]


@pytest.mark.parametrize("noted", ["", "{", "[]", json.dumps({**agent(), "apiVersion": "apps/v1beta1"})])
def test_a_former_apply_that_cannot_be_read_lets_nothing_pass(noted: str) -> None:
    """Nor does one of another version."""
    stored = agent(annotations={LAST_APPLIED: noted})
    live = after_update("DaemonSet", None, stored, manager("edit", UPDATE))
    with pytest.raises(ApplyConflict):
        applied(live, agent("agent:2"), manager("kubectl"))


def test_the_same_value_is_shared_without_a_conflict() -> None:
    """Two managers may own a field as long as they want the same of it."""
    live = applied(None, agent(), manager("robot"))
    shared = applied(live, agent(), manager("human"))

    assert owners(shared) == {"robot": CONTAINER, "human": CONTAINER}


def test_several_conflicts_are_listed_by_manager() -> None:
    """One line a field, under its owner; an applier is named without a version."""
    live = applied(None, agent(labels={"a": "1"}), manager("robot"))
    live = after_update(
        "DaemonSet", live, agent(labels={"a": "1"}, annotations={"x": "1"}), manager("edit", UPDATE)
    )
    with pytest.raises(ApplyConflict) as refused:
        applied(live, agent("agent:9", labels={"a": "2"}, annotations={"x": "2"}), manager("human"))

    assert refused.value.sentence == (
        "Apply failed with 3 conflicts: "
        'conflicts with "edit" using apps/v1:\n- .metadata.annotations.x\n'
        f'conflicts with "robot":\n- .metadata.labels.a\n- {IMAGE}'
    )


def test_a_manager_of_a_subresource_is_named_with_it() -> None:
    """It is a manager of its own."""
    by = manager("kubelet", UPDATE, subresource="status")
    live = after_update("DaemonSet", None, {**agent(), "status": {"numberReady": 1}}, by)
    wanted = {**agent(), "status": {"numberReady": 2}}
    with pytest.raises(ApplyConflict, match='"kubelet" with subresource "status" using apps/v1'):
        applied(live, wanted, manager("robot", subresource="status"))


def test_an_update_takes_over_what_it_changes() -> None:
    """Owners lose changed and removed fields; who changes nothing owns nothing."""
    live = applied(None, agent(labels={"a": "1", "b": "2"}), manager("robot"))
    changed = after_update("DaemonSet", live, agent(labels={"a": "9"}), manager("edit", UPDATE))
    same = after_update("DaemonSet", changed, agent(labels={"a": "9"}), manager("idle", UPDATE))
    again = after_update("DaemonSet", same, agent("agent:2", labels={"a": "9"}), manager("edit", UPDATE))

    assert owners(changed) == {"robot": CONTAINER, "edit": {".metadata.labels.a"}}
    assert owners(same) == owners(changed)
    assert owners(again) == {"robot": CONTAINER - {IMAGE}, "edit": {".metadata.labels.a", IMAGE}}


def test_sets_and_atomic_maps() -> None:
    """Finalizers are owned one by one, a node selector as a whole, tolerations as a whole."""
    wanted = agent(finalizers=["x/a"])
    wanted["spec"]["template"]["spec"] |= {"nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "a"}]}
    first = applied(None, wanted, manager("robot"))
    other = {**agent(finalizers=["x/b"]), "spec": {}}
    second = applied(first, other, manager("human"))
    third = applied(second, agent(), manager("robot"))

    assert {'.metadata.finalizers[="x/a"]', ".spec.template.spec.nodeSelector"} <= owners(first)["robot"]
    assert second["metadata"]["finalizers"] == ["x/a", "x/b"]
    assert third["metadata"]["finalizers"] == ["x/b"]
    assert set(third["spec"]["template"]["spec"]) == {"containers"}


def test_ports_are_told_apart_by_number_and_protocol() -> None:
    """A key that is left out counts with its default."""
    wanted = agent()
    wanted["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 80}]
    made = applied(None, wanted, manager("robot"))

    port = '.spec.template.spec.containers[name="main"].ports[containerPort=80,protocol="TCP"].containerPort'
    assert port in owners(made)["robot"]


def test_an_object_in_which_a_map_became_a_scalar_is_replaced_there() -> None:
    """Types that do not fit each other do not merge."""
    live = {**agent(), "spec": "odd"}
    robot = manager("robot")
    assert applied(live, agent(), robot)["spec"] == agent()["spec"]
    assert applied(applied(None, agent(), robot), live, robot)["spec"] == "odd"
    assert owners(after_update("DaemonSet", None, {"metadata": {}}, robot)) == {}
    assert list(fieldsets.leaves("DaemonSet", {})) == []


names = st.sampled_from(["a", "b", "c"])
labels = st.dictionaries(names, st.sampled_from(["1", "2"]), max_size=3)


@given(st.lists(st.tuples(st.sampled_from(["robot", "human"]), labels), max_size=8))
def test_every_label_has_the_owner_that_wanted_it_last(writes: list[tuple[str, dict[str, str]]]) -> None:
    """With force, an object holds what its appliers want, and every label has an owner."""
    live: Any = None
    for name, wanted in writes:
        live = applied(live, agent(labels=wanted), manager(name), force=True)

        standing = live["metadata"].get("labels", {})
        assert wanted.items() <= standing.items()
        owned = set().union(*owners(live).values())
        assert {f".metadata.labels.{key}" for key in standing} <= owned


@given(
    st.recursive(st.just({}), lambda inner: st.dictionaries(st.sampled_from(["f:a", "f:b", 'v:"x"']), inner))
)
def test_a_set_survives_being_written(fields: dict[str, Any]) -> None:
    """Paths to map and back are the same paths."""
    paths = fieldsets.paths(fields)
    assert fieldsets.paths(fieldsets.of(paths)) == paths


def entry(fields: Any) -> dict[str, Any]:
    """Return an object whose only entry of managedFields has these fields."""
    raw = {"manager": "robot", "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": fields}
    return {"metadata": {"managedFields": [raw]}}


def test_a_client_may_rewrite_the_entries() -> None:
    """This is how it goes over from its own apply to the server's."""
    live = after_update("DaemonSet", None, agent(), manager("kubectl-client-side-apply", UPDATE))
    claimed = claimed_in("DaemonSet", entry(live["metadata"]["managedFields"][0]["fieldsV1"]))
    moved = after_update("DaemonSet", live, agent(), manager("kubectl", UPDATE), claimed)

    assert owners(moved) == {"robot": CONTAINER}
    assert "spec" not in applied(moved, {"metadata": {"name": "agent"}}, manager("robot"))


@pytest.mark.parametrize(
    "fields",
    [[], {"x": {}}, {"k:1": {}}, {"k:{": {}}, {"f:a": 1}, {"f:a": {"v:": {}}}],
    ids=["no map", "unknown step", "keys are no map", "broken keys", "no map below", "broken value"],
)
def test_entries_that_cannot_be_read_count_as_not_sent(fields: Any) -> None:
    """What stood before stays."""
    assert claimed_in("DaemonSet", entry(fields or {"f:a": fields})) is None
    assert claimed_in("DaemonSet", {"metadata": {}}) is None
    assert claimed_in("DaemonSet", {"metadata": 1}) is None


@pytest.mark.parametrize(
    "step",
    ["v:" + "[" * 200_000, "k:" + '{"a":' * 5_000 + "1" + "}" * 5_000, 'v:[["a"]]', "f:" + "a" * 10_001],
    ids=["never closed", "nested keys", "two levels", "long"],
)
def test_a_step_is_short_and_plain(step: str) -> None:
    """The JSON within a key has passed no guarded reader: nesting in it would end in a RecursionError."""
    assert claimed_in("DaemonSet", entry({step: {}})) is None


def test_a_step_may_hold_brackets_in_its_text() -> None:
    """Only nesting is refused, not a name that bears such signs."""
    step = 'k:{"mountPath":"/a[{[\\"{[","name":"x"}'
    assert claimed_in("DaemonSet", entry({"f:a": {step: {}}})) is not None


def test_an_empty_list_of_entries_forgets_the_owners() -> None:
    """As in Kubernetes, sending one is how they are cleared."""
    assert claimed_in("DaemonSet", {"metadata": {"managedFields": []}}) == []


def status_of(**status: Any) -> dict[str, Any]:
    """Return a set that a client made and whose status is this."""
    made = after_update(
        "DaemonSet", None, {**agent(), "status": {"numberReady": 0}}, manager("kubectl", UPDATE)
    )
    return {**made, "status": status}


def test_a_status_belongs_to_who_writes_it_through_its_subresource() -> None:
    """Neither a creation nor an apply of the whole object takes it."""
    assert ".status" not in "".join(owners(status_of())["kubectl"])
    assert owners(applied(None, {**agent(), "status": {"numberReady": 1}}, manager("robot"))) == {
        "robot": CONTAINER
    }
    by = manager("person", UPDATE, subresource="status")
    written = after_update("DaemonSet", status_of(), {**status_of(numberReady=3), **agent("other")}, by)
    assert owners(written)["person"] == {".status.numberReady"}


def test_a_controller_owns_the_status_that_it_writes() -> None:
    """All of it, but what another wrote and it left as it was; a time is that of the last change."""
    by = manager("kube-controller-manager", UPDATE, subresource="status")
    first = after_status("DaemonSet", status_of(), status_of(numberReady=1), by)
    assert owners(first)["kube-controller-manager"] == {".status.numberReady"}
    assert [entry["manager"] for entry in first["metadata"]["managedFields"]] == [
        "kube-controller-manager",
        "kubectl",
    ]
    person = manager("person", UPDATE, subresource="status")
    second = after_update(
        "DaemonSet", first, {**first, "status": {"numberReady": 2, "collisionCount": 4}}, person
    )
    third = after_status(
        "DaemonSet", second, {**second, "status": {"numberReady": 3, "collisionCount": 4}}, by
    )
    assert owners(third)["kube-controller-manager"] == {".status.numberReady"}
    assert owners(third)["person"] == {".status.collisionCount"}
    last = after_status("DaemonSet", third, {**third, "status": {"numberReady": 4, "collisionCount": 5}}, by)
    assert "person" not in owners(last)
    assert owners(last)["kubectl"] == owners(first)["kubectl"]

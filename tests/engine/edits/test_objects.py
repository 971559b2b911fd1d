"""Objects of any kind: created, replaced, patched, applied, bound."""

from __future__ import annotations

import re
from typing import Any

import pytest

from controller.engine.admission.defaults import STATUS
from controller.engine.changes import Verb
from controller.engine.edits.decide import Request
from controller.engine.edits.deletion import Delete
from controller.engine.edits.draft import PAGES, Client
from controller.engine.edits.objects import (
    Apply,
    Bind,
    Create,
    CreateAll,
    Patch,
    PatchType,
    Replace,
    key_of,
)
from controller.engine.errors import (
    AlreadyExists,
    ApplyConflict,
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    Unprocessable,
)
from controller.engine.objects import Key, Manifest
from tests.builders import pod_manifest
from tests.engine.edits.ledger import KUBECTL, SET, STRICT, agent, ledger

MAP: Key = ("ConfigMap", "default", "words")
POD: Key = ("Pod", "default", "bare")
MAIN = {"name": "main", "image": "x:1"}


def words(**data: str) -> Manifest:
    """Return a ConfigMap as a client sends it."""
    return {"metadata": {"name": "words", "namespace": "default"}, "data": data}


def test_create() -> None:
    """A created object is admitted, told as a fact, and the result."""
    decision = ledger().decide(Create("ConfigMap", words(a="1")))
    (change,) = decision.changes
    assert (change.verb, change.key, change.actor, change.reason) == (Verb.ADDED, MAP, "ada", "created")
    assert change.manifest["metadata"]["uid"]
    assert decision.results == (change,)
    assert [(fact.action, fact.about, fact.values) for fact in decision.facts] == [
        ("object_create", "ConfigMap default/words", {})
    ]


def test_a_pod_may_name_a_class_that_was_made_just_before() -> None:
    """Of several objects each may need what those before it made, a PriorityClass too."""
    high = {"metadata": {"name": "high"}, "value": 1000}
    pod = {"metadata": {"name": "bare"}, "spec": {"priorityClassName": "high", "containers": [MAIN]}}
    decision = ledger().decide(CreateAll([("PriorityClass", high), ("Pod", pod)]))
    assert decision.changes[-1].manifest["spec"]["priority"] == 1000


def test_a_namespace_or_an_account_is_missed_before_any_fault() -> None:
    """As by the API server's plugins, which come before its rules."""
    broken = {"metadata": {"name": "p", "namespace": "apart"}, "spec": {"serviceAccountName": "robot"}}
    with pytest.raises(NotFound, match='namespaces "apart" not found'):
        ledger().decide(Create("Pod", broken))
    broken["metadata"] = {"name": "p"}
    said = 'pods "p" is forbidden: error looking up service account default/robot: '
    with pytest.raises(Forbidden, match=re.escape(f'{said}serviceaccount "robot" not found')):
        ledger().decide(Create("Pod", broken))
    robot = ("ServiceAccount", {"metadata": {"name": "robot"}})
    pod = {**broken, "spec": {"serviceAccountName": "robot", "containers": [MAIN]}}
    assert ledger().decide(CreateAll([robot, ("Pod", pod)])).changes


def test_one_class_is_for_all_that_name_none() -> None:
    """A second is refused, when it is made and when it is changed; the one may be written again."""
    first, second = ({"metadata": {"name": name}, "value": 5, "globalDefault": True} for name in ("a", "b"))
    made = ledger()
    made.do(Create("PriorityClass", first))
    said = (
        'priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. '
        "Only one default can exist"
    )
    with pytest.raises(Forbidden, match=re.escape(said)):
        made.do(Create("PriorityClass", second))
    made.do(Create("PriorityClass", {**second, "globalDefault": False}))
    with pytest.raises(Forbidden, match=re.escape(said)):
        made.do(Patch(("PriorityClass", "", "b"), PatchType.MERGE, {"globalDefault": True}))
    made.do(Patch(("PriorityClass", "", "a"), PatchType.MERGE, {"description": "for all"}))
    (pod,) = made.do(Create("Pod", {"metadata": {"name": "bare"}, "spec": {"containers": [MAIN]}})).results
    assert pod.manifest["spec"]["priorityClassName"] == "a"


def test_a_decision_touches_nothing() -> None:
    """What was decided is not there before somebody commits it."""
    made = ledger()
    before = dict(made.objects)
    made.decide(Create("ConfigMap", words(a="1")))
    made.decide(Patch(SET, PatchType.MERGE, {"spec": {"minReadySeconds": 5}}))
    assert made.objects == before


def test_a_namespace_is_born_with_its_defaults() -> None:
    """The default account and the root certificates come with it."""
    decision = ledger().decide(Create("Namespace", {"metadata": {"name": "apart"}}))
    assert [change.key for change in decision.changes] == [
        ("Namespace", "", "apart"),
        ("ServiceAccount", "apart", "default"),
        ("ConfigMap", "apart", "kube-root-ca.crt"),
    ]
    assert len(decision.facts) == len(decision.results) == 1


def test_one_request_builds_on_itself() -> None:
    """An object may need what one before it made."""
    apart = {"metadata": {"name": "agent", "namespace": "apart"}, "spec": agent()["spec"]}
    request = CreateAll([("Namespace", {"metadata": {"name": "apart"}}), ("DaemonSet", apart)])
    assert [result.key for result in ledger().decide(request).results] == [
        ("Namespace", "", "apart"),
        ("DaemonSet", "apart", "agent"),
    ]


def test_all_or_none() -> None:
    """One fault comes as what it is, several as lines of one refusal."""
    lost = {"metadata": {"name": "a", "namespace": "nowhere"}}
    with pytest.raises(AlreadyExists):
        ledger().decide(CreateAll([("DaemonSet", agent()), ("ConfigMap", words())]))
    with pytest.raises(BadRequest) as refused:
        ledger().decide(CreateAll([("DaemonSet", agent()), ("ConfigMap", lost)]))
    assert refused.value.sentence.splitlines() == [
        'daemonsets.apps "agent" already exists',
        'namespaces "nowhere" not found',
    ]


def test_an_unknown_kind() -> None:
    """A kind that is not served is refused by its name."""
    with pytest.raises(BadRequest, match='no matches for kind "Widget"'):
        ledger().decide(Create("Widget", {"metadata": {"name": "a"}}))
    assert key_of("Node", {"name": "a", "namespace": "x"}) == ("Node", "", "a")
    assert key_of("Pod", {"name": "a"}) == ("Pod", "default", "a")


def test_replace() -> None:
    """The facts name each field with its values before and after; nothing to change is no change."""
    made = ledger()
    made.do(Create("ConfigMap", words(a="1")))
    decision = made.do(Replace(MAP, words(a="2")))
    assert decision.facts[0].values == {"changes": [("data.a", "1", "2")]}
    assert decision.results == decision.changes
    again = made.do(Replace(MAP, words(a="2")))
    assert (again.changes, again.facts) == ((), ())
    assert again.results[0].manifest == made.manifest(MAP)


def test_annotations_that_stay() -> None:
    """What a form does not show stays as it stands; what it shows is as it is sent."""
    made, hidden = ledger(), "kubectl.kubernetes.io/last-applied-configuration"
    noted = {"annotations": {hidden: "{}", "team": "a"}}
    made.do(Create("ConfigMap", {**words(a="1"), "metadata": {**words()["metadata"], **noted}}))
    made.do(Replace(MAP, words(a="2"), stay=frozenset({hidden})))
    assert made.manifest(MAP)["metadata"]["annotations"] == {hidden: "{}"}
    made.do(Replace(MAP, words(a="2")))
    assert "annotations" not in made.manifest(MAP)["metadata"]


def test_many_fields() -> None:
    """Of very many fields the first are told, and how many more there are."""
    made = ledger()
    made.do(Create("ConfigMap", words()))
    (fact,) = made.do(Replace(MAP, words(**{f"key{n:02}": "x" for n in range(25)}))).facts
    assert (len(fact.values["changes"]), fact.values["more"]) == (20, 5)


CONDITIONS: list[Any] = [
    pytest.param({"resourceVersion": "1"}, id="an old version"),
    pytest.param({"uid": "another"}, id="another object"),
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions(condition: Manifest) -> None:
    """A version or a uid that is sent along must be that of the object."""
    made = ledger()
    made.do(Create("ConfigMap", words(a="1")))
    sent = words(a="2")
    with pytest.raises(Conflict) as refused:
        made.do(Replace(MAP, {**sent, "metadata": {**sent["metadata"], **condition}}))
    assert refused.value.standing == made.manifest(MAP)
    meta = made.manifest(MAP)["metadata"]
    kept = {name: meta[name] for name in ("resourceVersion", "uid")}
    assert made.do(Replace(MAP, {**sent, "metadata": {**sent["metadata"], **kept}})).changes


PATCHES: list[Any] = [
    pytest.param(PatchType.JSON, [{"op": "add", "path": "/data/b", "value": "2"}], id="json"),
    pytest.param(PatchType.MERGE, {"data": {"b": "2"}}, id="merge"),
    pytest.param(PatchType.STRATEGIC, {"data": {"b": "2"}}, id="strategic"),
]


@pytest.mark.parametrize(("type_", "body"), PATCHES)
def test_patch(type_: PatchType, body: Any) -> None:
    """Each of the three patches changes what it names and leaves the rest."""
    made = ledger()
    made.do(Create("ConfigMap", words(a="1")))
    made.do(Patch(MAP, type_, body))
    assert made.manifest(MAP)["data"] == {"a": "1", "b": "2"}


REFUSED: list[Any] = [
    pytest.param(Patch(MAP, PatchType.MERGE, "text"), Unprocessable, id="no map"),
    pytest.param(Patch(MAP, PatchType.MERGE, {"metadata": {"name": "b"}}), BadRequest, id="another name"),
    pytest.param(Patch(MAP, PatchType.MERGE, {"metadata": None}), BadRequest, id="no name"),
    pytest.param(Patch(MAP, PatchType.MERGE, {"metadata": "x"}), BadRequest, id="no metadata"),
    pytest.param(Replace(MAP, {"metadata": "x"}), BadRequest, id="metadata of a wrong type"),
    pytest.param(Replace(SET, {**agent(), "spec": {}}), Invalid, id="against the rules"),
    pytest.param(Replace(("ConfigMap", "default", "b"), words()), NotFound, id="not there"),
]


@pytest.mark.parametrize(("request_", "error"), REFUSED)
def test_refused(request_: Request, error: type[Refused]) -> None:
    """What cannot be done is refused, whatever JSON it is."""
    made = ledger()
    made.do(Create("ConfigMap", words(a="1")))
    with pytest.raises(error):
        made.decide(request_)


def test_status_alone() -> None:
    """Through the subresource nothing but the status is written, and who wrote it is noted."""
    made = ledger()
    sent = {**made.manifest(SET), "status": {"numberReady": 3}, "spec": {}}
    made.do(Replace(SET, sent, "status"), KUBECTL)
    standing = made.manifest(SET)
    assert standing["status"] == {**STATUS["DaemonSet"], "numberReady": 3}
    assert standing["spec"]["template"]
    assert standing["metadata"]["managedFields"][-1]["subresource"] == "status"
    assert not made.do(Replace(SET, made.manifest(SET), "status"), KUBECTL).changes


@pytest.mark.parametrize("client", [KUBECTL, PAGES])
def test_ephemeral_containers_alone(client: Client) -> None:
    """Through the subresource they are added and nothing else, and a client that owns fields owns them."""
    made = ledger()
    spec = {"containers": [{"name": "main", "image": "a"}]}
    made.do(Create("Pod", {"metadata": {"name": "bare", "namespace": "default"}, "spec": spec}), client)
    wanted = {"spec": {"ephemeralContainers": [{"name": "look", "image": "b"}], "hostNetwork": True}}
    made.do(Patch(POD, PatchType.STRATEGIC, wanted, "ephemeralcontainers"), client)
    standing = made.manifest(POD)
    assert [one["name"] for one in standing["spec"]["ephemeralContainers"]] == ["look"]
    assert "hostNetwork" not in standing["spec"]
    owners = [one.get("subresource") for one in standing["metadata"].get("managedFields", ())]
    assert owners == ([None, "ephemeralcontainers"] if client is KUBECTL else [])


@pytest.mark.parametrize("client", [KUBECTL, PAGES])
def test_resources_alone(client: Client) -> None:
    """Through the subresource `resize` they are changed and nothing else, and on no other way."""
    made = ledger()
    asks = {"resources": {"requests": {"cpu": "1"}}}
    spec = {"containers": [{"name": "main", "image": "a", **asks}]}
    made.do(Create("Pod", {"metadata": {"name": "bare", "namespace": "default"}, "spec": spec}), client)
    wanted = {
        "spec": {"containers": [{"name": "main", "image": "b", "resources": {"requests": {"cpu": "2"}}}]}
    }
    with pytest.raises(Invalid):
        made.do(Patch(POD, PatchType.STRATEGIC, wanted), client)
    made.do(Patch(POD, PatchType.STRATEGIC, wanted, "resize"), client)
    (container,) = made.manifest(POD)["spec"]["containers"]
    assert (container["image"], container["resources"]) == ("a", {"requests": {"cpu": "2"}})
    owners = [one.get("subresource") for one in made.manifest(POD)["metadata"].get("managedFields", ())]
    assert owners == ([None, "resize"] if client is KUBECTL else [])


def test_a_status_is_applied() -> None:
    """Through the subresource alone: what is not there is not made by it."""
    made = ledger()
    made.do(Apply(SET, {"status": {"numberReady": 3}}, "status"), KUBECTL)
    assert made.manifest(SET)["status"]["numberReady"] == 3
    assert made.manifest(SET)["metadata"]["managedFields"][0]["subresource"] == "status"
    with pytest.raises(NotFound):
        made.do(Apply(MAP, words(a="1"), "status"), KUBECTL)


def test_status_by_nobody_in_particular() -> None:
    """An object whose fields have no owners gets none by a status."""
    made = ledger()
    made.do(Patch(SET, PatchType.MERGE, {"status": {"numberReady": 3}}, "status"))
    assert "managedFields" not in made.manifest(SET)["metadata"]


def test_fields_have_owners() -> None:
    """A client owns what it writes; a page takes over what it changes of an object with owners."""
    made = ledger()
    made.do(Create("ConfigMap", words(a="1")), KUBECTL)
    made.do(Replace(MAP, words(a="2")))
    managers = {one["manager"] for one in made.manifest(MAP)["metadata"]["managedFields"]}
    assert "everynode" in managers


def test_unknown_fields() -> None:
    """As the client asks they are dropped, told, or refused; a field of old does not matter."""
    sent = {**words(a="1"), "extra": 1}
    sent["metadata"] = {**sent["metadata"], "clusterName": "x"}
    made = ledger()
    with pytest.raises(BadRequest, match='strict decoding error: unknown field "extra"'):
        made.do(Create("ConfigMap", sent), STRICT)
    assert made.do(Create("ConfigMap", sent), KUBECTL).warnings == ('unknown field "extra"',)
    assert made.do(Replace(MAP, {**sent, "data": {"a": "2"}})).warnings == ()
    with pytest.raises(BadRequest, match="cannot be handled"):
        made.do(Replace(MAP, {**words(), "data": 7}), KUBECTL)


def test_a_strategic_patch_to_a_wrong_type_is_invalid() -> None:
    """The server shows the patch, and says what its converter says; other patches meet its decoder."""
    made = ledger()
    made.do(Create("ConfigMap", words(a="1")))
    with pytest.raises(Invalid) as refused:
        made.do(Patch(MAP, PatchType.STRATEGIC, {"data": {"a": 1}}), KUBECTL)
    (cause,) = refused.value.causes
    assert str(cause) == 'patch: Invalid value: "map[data:map[a:1]]": cannot convert int64 to string'
    with pytest.raises(BadRequest, match="cannot be handled"):
        made.do(Patch(MAP, PatchType.MERGE, {"data": {"a": 1}}), KUBECTL)


def test_what_is_taken_with_a_warning() -> None:
    """Clients are told of it once, when the template is new."""
    made, sent = ledger(), agent()
    sent["metadata"] = {**sent["metadata"], "name": "other"}
    sent["spec"]["template"]["spec"]["imagePullSecrets"] = [{}]
    other = ("DaemonSet", "default", "other")
    said = ('spec.template.spec.imagePullSecrets[0].name: invalid empty name ""',)

    assert made.do(Create("DaemonSet", sent), KUBECTL).warnings == said
    assert (
        made.do(Patch(other, PatchType.MERGE, {"metadata": {"labels": {"a": "1"}}}), KUBECTL).warnings == ()
    )
    more = {"spec": {"template": {"metadata": {"annotations": {"a": "1"}}}}}
    assert made.do(Patch(other, PatchType.MERGE, more), KUBECTL).warnings == said


def test_apply() -> None:
    """Applying creates an object, changes it, and gives up what it no longer names."""
    made = ledger()
    (created,) = made.do(Apply(MAP, words(a="1", b="2")), KUBECTL).changes
    assert created.verb is Verb.ADDED
    assert not made.do(Apply(MAP, words(a="1", b="2")), KUBECTL).changes
    (fact,) = made.do(Apply(MAP, words(a="2")), KUBECTL).facts
    assert (fact.action, fact.values["agent"]) == ("object_apply", "kubectl")
    assert made.manifest(MAP)["data"] == {"a": "2"}


def test_apply_conflicts() -> None:
    """What another manager owns is not taken without force, and a stale version is refused."""
    made = ledger()
    made.do(Create("ConfigMap", words(a="1")), KUBECTL)
    with pytest.raises(ApplyConflict):
        made.do(Apply(MAP, words(a="2")), KUBECTL)
    made.do(Apply(MAP, words(a="2"), force=True), KUBECTL)
    assert made.manifest(MAP)["data"] == {"a": "2"}
    stale = words(a="3")
    stale["metadata"]["resourceVersion"] = "1"
    with pytest.raises(Conflict):
        made.do(Apply(MAP, stale, force=True), KUBECTL)


def test_bind() -> None:
    """A pod is bound once, to a node that is there, and says then where that is."""
    made, where = ledger(), {"topology.kubernetes.io/zone": "east"}
    made.write("Pod", pod_manifest("bare", of=""))
    with pytest.raises(NotFound):
        made.do(Bind(POD, "nowhere"))
    made.do(Patch(("Node", "", "plain"), PatchType.MERGE, {"metadata": {"labels": where}}))
    made.do(Bind(POD, "plain"))
    assert made.manifest(POD)["spec"]["nodeName"] == "plain"
    assert made.manifest(POD)["metadata"]["labels"] | where == made.manifest(POD)["metadata"]["labels"]
    pod = {**pod_manifest("direct", of="", node="plain"), "status": {}}
    created = made.do(Create("Pod", {"metadata": {"name": "direct"}, "spec": pod["spec"]})).results[0]
    assert created.manifest["metadata"]["labels"] == where
    with pytest.raises(Conflict):
        made.do(Bind(POD, "plain"))


def service(name: str, **spec: Any) -> Manifest:
    """Return a Service as a client sends it."""
    meta = {"name": name, "namespace": "default"}
    return {"metadata": meta, "spec": {"type": "NodePort", "ports": [{"port": 80}], **spec}}


def test_services_share_no_address() -> None:
    """What others hold, or were given in the same edit, is not to be had; what is deleted is free again."""
    made = ledger()
    port = {"ports": [{"port": 80, "nodePort": 30080}]}
    first = made.do(Create("Service", service("first", **port))).changes[0].manifest["spec"]
    asked = {"clusterIP": first["clusterIP"]}
    with pytest.raises(Invalid, match="provided IP is already allocated"):
        made.decide(Create("Service", service("second", **asked)))
    with pytest.raises(Invalid, match="provided port is already allocated"):
        made.decide(CreateAll([("Service", service("a")), ("Service", service("second", **port))]))

    key = ("Service", "default", "first")
    kept = made.do(Patch(key, PatchType.MERGE, {"metadata": {"labels": {"a": "b"}}})).changes[0]
    assert kept.manifest["spec"] == first
    made.do(Delete(key))
    again = made.do(Create("Service", service("second", **asked, **port))).changes[0].manifest["spec"]
    assert again["clusterIP"] == first["clusterIP"]


def test_a_claim_grows_only_where_its_class_allows_it() -> None:
    """As the API server's plugin has it: a class that says so, or nothing larger."""
    book = ledger()
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast"}
    asked = {**spec, "resources": {"requests": {"storage": "1Gi"}}}
    meta = {"name": "data", "namespace": "default"}
    made = book.do(Create("PersistentVolumeClaim", {"metadata": meta, "spec": asked})).results[0]
    bound = {"phase": "Bound", "capacity": {"storage": "1Gi"}}
    book.do(Replace(made.key, {**made.manifest, "status": bound}, "status"))
    more = {"spec": {"resources": {"requests": {"storage": "2Gi"}}}}
    with pytest.raises(Forbidden) as refused:
        book.do(Patch(made.key, PatchType.MERGE, more))
    assert str(refused.value.sentence).startswith(
        'persistentvolumeclaims "data" is forbidden: only dynamically'
    )
    allowing = {"metadata": {"name": "fast"}, "provisioner": "a.b/c", "allowVolumeExpansion": True}
    book.do(Create("StorageClass", allowing))
    assert book.do(Patch(made.key, PatchType.MERGE, more)).changes

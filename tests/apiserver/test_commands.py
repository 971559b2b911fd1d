"""Every command of the documents, typed into a real kubectl, with what a real cluster prints to it.

The recordings hold the controllers; here are the commands a person types around them, and their words.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from tests import kubectls
from tests.apiserver.commands import Terminal
from tests.servers import Everynode

pytestmark = pytest.mark.kubectl
WEB = """\
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: web
  labels: {tier: front}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {disk: ssd}
      containers:
      - {name: main, image: "nginx:1.25", ports: [{containerPort: 80}]}
"""


@pytest.fixture(name="at")
def _at(everynode: Everynode, tmp_path: Path) -> Terminal:
    """Sit down before a cluster of three machines, two of them with disk=ssd."""
    name = f"terminal-{uuid.uuid4().hex[:8]}"
    (tmp_path / "kubeconfig").write_text(everynode.cluster(name, nodes=3))
    terminal = Terminal(tmp_path, kubectls.kubectl())
    terminal.write("web.yaml", WEB)
    terminal.kubectl("label", "node", "node-1", "node-2", "disk=ssd")
    return terminal


def with_web(at: Terminal) -> Terminal:
    """Let the set run."""
    at.kubectl("apply", "-f", "web.yaml")
    at.rolled_out("web")
    return at


# ------------------------------------------------------------------------------------------- reading
def test_get_in_all_forms(at: Terminal) -> None:
    """Tables, wide tables, names, documents, paths and columns of one's own."""
    with_web(at)
    head, row = at.kubectl("get", "ds").rows
    assert " ".join(head) == "NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE"
    assert row[:7] == ["web", "2", "2", "2", "2", "2", "disk=ssd"]
    assert at.kubectl("get", "ds", "-o", "wide").rows[1][8:] == ["main", "nginx:1.25", "app=web"]
    assert at.says("get", "ds", "-o", "name") == "daemonset.apps/web"
    assert at.says("get", "ds/web", "-o", "jsonpath={.status.numberReady}") == "2"
    assert json.loads(at.says("get", "daemonset", "web", "-o", "json"))["kind"] == "DaemonSet"
    assert "  name: web" in at.says("get", "ds", "web", "-o", "yaml")
    columns = at.kubectl("get", "po", "-o", "custom-columns=NODE:.spec.nodeName", "--sort-by=.spec.nodeName")
    assert columns.rows == [["NODE"], ["node-1"], ["node-2"]]
    labelled = [row[5:] for row in at.kubectl("get", "node", "-L", "disk", "--no-headers").rows]
    assert labelled == [["ssd"], ["ssd"], []]
    assert "disk=ssd" in at.kubectl("get", "node", "node-1", "--show-labels").out
    assert at.column("no", 0, "-l", "disk!=ssd") == ["node-3"]
    assert at.column("po", 1, "-A", "--field-selector", "spec.nodeName=node-2")[0].startswith("web-")
    assert at.kubectl("get", "po", "-n", "none").err == "No resources found in none namespace.\n"
    assert [row[0] for row in at.kubectl("get", "ds,no", "--no-headers").rows][:2] == [
        "daemonset.apps/web",
        "node/node-1",
    ]


def test_refusals_of_reads(at: Terminal) -> None:
    """What is not there and what is not understood are told in Kubernetes' sentences."""
    assert at.refuses("get", "ds", "no") == 'Error from server (NotFound): daemonsets.apps "no" not found'
    assert at.refuses("get", "foo") == 'error: the server doesn\'t have a resource type "foo"'
    assert "field label not supported: foo" in at.refuses("get", "po", "--field-selector", "foo=bar")
    assert "unable to parse requirement" in at.refuses("get", "po", "-l", "a in b")


def test_describe_and_events(at: Terminal) -> None:
    """The set, its pods and its machine tell what happened."""
    with_web(at)
    told = at.says("describe", "ds", "web")
    assert "Desired Number of Nodes Scheduled: 2" in told
    assert "Pods Status:  2 Running / 0 Waiting / 0 Succeeded / 0 Failed" in told
    assert "SuccessfulCreate" in told
    (pod, _other) = at.column("po", 0, "-l", "app=web")
    assert "Controlled By:  DaemonSet/web" in at.says("describe", "po", pod)
    machine = at.says("describe", "node", "node-1")
    assert "Unschedulable:      false" in machine
    assert "Non-terminated Pods:          (1 in total)" in machine
    assert "DaemonSet/web" in at.says("events", "--for", "ds/web")
    assert f"pod/{pod}" in at.says("get", "events", "--field-selector", f"involvedObject.name={pod}")


def test_words_about_the_server(at: Terminal) -> None:
    """Kinds, types, rights and versions."""
    assert at.says("version").splitlines()[-1].startswith("Server Version: v1.36")
    assert "daemonsets" in at.says("api-resources", "--api-group=apps", "-o", "name")
    told = at.says("explain", "ds.spec.updateStrategy")
    assert "FIELD: updateStrategy <DaemonSetUpdateStrategy>" in told
    assert "rollingUpdate\t<RollingUpdateDaemonSet>" in told
    assert "OnDelete" in at.says("explain", "ds.spec.updateStrategy.type")
    assert "rollingUpdate" in at.says("explain", "ds.spec.updateStrategy", "--output=plaintext-openapiv2")
    assert at.says("auth", "can-i", "create", "ds") == "yes"
    assert at.says("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}") == "admin"


# ------------------------------------------------------------------------------------------- writing
def test_create_and_apply(at: Terminal) -> None:
    """Created once, applied as often as one likes; a dry run shows and does nothing."""
    dry = at.says("create", "-f", "web.yaml", "--dry-run=server", "-o", "yaml")
    assert "uid:" in dry
    assert "resourceVersion" not in dry
    assert at.says("create", "-f", "web.yaml", "--save-config") == "daemonset.apps/web created"
    assert 'daemonsets.apps "web" already exists' in at.refuses("create", "-f", "web.yaml")
    assert at.says("apply", "-f", "web.yaml") == "daemonset.apps/web unchanged"
    at.write("web.yaml", WEB.replace("1.25", "1.26"))
    assert at.says("apply", "-f", "web.yaml", "--dry-run=server").endswith("configured (server dry run)")
    changed = at.kubectl("diff", "-f", "web.yaml", code=1).out
    lines = [line for line in changed.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert "+      - image: nginx:1.26" in lines
    assert not [line for line in lines if "resourceVersion" in line]
    assert at.says("apply", "-f", "web.yaml") == "daemonset.apps/web configured"
    assert at.kubectl("diff", "-f", "web.yaml").out == ""
    told = at.kubectl("apply", "-f", "-", text=WEB.replace("selector: {", "foo: 1\n  selector: {"), code=1)
    assert 'strict decoding error: unknown field "spec.foo"' in told.err


def test_labels_annotations_and_taints(at: Terminal) -> None:
    """What kubectl says of a label that is set, kept, changed and taken away."""
    with_web(at)
    assert at.says("label", "node", "node-3", "disk=ssd") == "node/node-3 labeled"
    at.until("3", "get", "ds", "web", "-o", "jsonpath={.status.numberReady}")
    assert at.says("label", "node", "node-3", "disk=ssd") == "node/node-3 not labeled"
    assert "--overwrite is false" in at.refuses("label", "node", "node-3", "disk=hdd")
    assert at.says("label", "node", "node-3", "disk=hdd", "--overwrite") == "node/node-3 labeled"
    at.until("2", "get", "ds", "web", "-o", "jsonpath={.status.desiredNumberScheduled}")
    assert at.says("label", "node", "node-3", "disk-") == "node/node-3 unlabeled"
    assert 'nodes "no" not found' in at.refuses("label", "node", "no", "a=b")
    assert at.says("annotate", "ds", "web", "why=because") == "daemonset.apps/web annotated"
    assert at.says("taint", "node", "node-1", "db=yes:NoExecute") == "node/node-1 tainted"
    at.until("1", "get", "ds", "web", "-o", "jsonpath={.status.desiredNumberScheduled}")
    assert "already has db taint(s)" in at.refuses("taint", "node", "node-1", "db=yes:NoExecute")
    assert at.says("taint", "node", "node-1", "db-") == "node/node-1 untainted"


def test_cordon_and_drain(at: Terminal) -> None:
    """A drain leaves the pods of DaemonSets, and says so."""
    with_web(at)
    assert at.says("cordon", "node-1") == "node/node-1 cordoned"
    assert at.says("cordon", "node-1") == "node/node-1 already cordoned"
    assert "SchedulingDisabled" in at.column("no", 1)[0]
    assert "cannot delete DaemonSet-managed Pods" in at.refuses("drain", "node-1")
    drained = at.kubectl("drain", "node-1", "--ignore-daemonsets")
    assert "Warning: ignoring DaemonSet-managed Pods: default/web-" in drained.err
    assert drained.out.splitlines()[-1] == "node/node-1 drained"
    assert at.says("uncordon", "node-1") == "node/node-1 uncordoned"


def test_rollouts(at: Terminal) -> None:
    """An image is set, its rollout followed, its history read, and all of it undone."""
    with_web(at)
    assert at.says("set", "image", "ds/web", "main=nginx:1.26") == "daemonset.apps/web image updated"
    assert 'unable to find container named "no"' in at.refuses("set", "image", "ds/web", "no=nginx")
    followed = at.says("rollout", "status", "ds/web")
    assert followed.splitlines()[-1] == 'daemon set "web" successfully rolled out'
    assert [row[0] for row in at.kubectl("rollout", "history", "ds/web").rows if row][-2:] == ["1", "2"]
    assert "nginx:1.25" in at.says("rollout", "history", "ds/web", "--revision=1")
    assert at.says("rollout", "undo", "ds/web") == "daemonset.apps/web rolled back"
    at.rolled_out("web")
    image = "jsonpath={.spec.template.spec.containers[0].image}"
    assert at.says("get", "ds", "web", "-o", image) == "nginx:1.25"
    assert at.says("rollout", "restart", "ds/web") == "daemonset.apps/web restarted"
    at.rolled_out("web")
    assert "pausing is not supported" in at.refuses("rollout", "pause", "ds/web")
    at.says("set", "image", "ds/web", "main=nginx:does-not-exist")
    at.until("1", "get", "ds", "web", "-o", "jsonpath={.status.updatedNumberScheduled}")
    stuck = at.kubectl("rollout", "status", "ds/web", "--timeout=5s", code=1)
    assert "out of 2 new pods have been updated" in stuck.out


def test_edit(at: Terminal) -> None:
    """An editor's change is patched; one that changes nothing is cancelled."""
    with_web(at)
    changed = at.kubectl("edit", "ds", "web", more={"EDITOR": "sed -i s/1.25/1.27/"})
    assert changed.out == "daemonset.apps/web edited\n"
    assert "no changes made" in at.kubectl("edit", "ds", "web", more={"EDITOR": "true"}).err
    wrong = {"EDITOR": "sed -i s/maxUnavailable:.1/maxUnavailable:.x/"}
    assert 'daemonsets.apps "web" is invalid' in at.kubectl("edit", "ds", "web", more=wrong, code=1).err


@pytest.mark.parametrize(
    ("how", "body"),
    [
        ("strategic", '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"a:1"}]}}}}'),
        ("merge", '{"metadata":{"labels":{"tier":null}}}'),
        ("json", '[{"op":"add","path":"/metadata/labels/x","value":"y"}]'),
    ],
)
def test_patches(at: Terminal, how: str, body: str) -> None:
    """Three kinds of patches; the same one again changes nothing."""
    at.kubectl("create", "-f", "web.yaml")
    assert at.says("patch", "ds", "web", "--type", how, "-p", body) == "daemonset.apps/web patched"
    at.kubectl("rollout", "status", "ds/web")  # kubectl takes a status that is written meanwhile for a change
    again = at.says("patch", "ds", "web", "--type", how, "-p", body)
    assert again == "daemonset.apps/web patched (no change)"


def test_refused_patches(at: Terminal) -> None:
    """Every fault has its sentence."""
    at.kubectl("create", "-f", "web.yaml")
    words = ("patch", "ds", "web", "--type")
    bogus = at.refuses(*words, "merge", "-p", '{"spec":{"updateStrategy":{"type":"Bogus"}}}')
    assert bogus.startswith('The DaemonSet "web" is invalid: spec.updateStrategy: Unsupported value:')
    missing = at.refuses(*words, "json", "-p", '[{"op":"remove","path":"/spec/no"}]')
    assert missing == (
        "The request is invalid: the server rejected our request due to an error in our request"
    )
    selector = at.refuses(*words, "merge", "-p", '{"spec":{"selector":{"matchLabels":{"a":"b"}}}}')
    assert "field is immutable" in selector


def test_server_side_apply(at: Terminal) -> None:
    """Who set a field owns it: another's apply conflicts, and may be forced."""
    words = ("apply", "--server-side", "-f", "web.yaml")
    assert at.says(*words) == "daemonset.apps/web serverside-applied"
    at.kubectl("set", "image", "ds/web", "main=nginx:9")
    conflict = at.refuses(*words)
    assert conflict.startswith(
        'error: Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: '
        '.spec.template.spec.containers[name="main"].image'
    )
    assert at.says(*words, "--dry-run=server", "--force-conflicts").endswith("(server dry run)")
    assert at.says(*words, "--force-conflicts") == "daemonset.apps/web serverside-applied"
    managers = "jsonpath={.metadata.managedFields[*].manager}"
    assert at.says("get", "ds", "web", "--show-managed-fields", "-o", managers).startswith("kubectl")


def test_wait(at: Terminal) -> None:
    """Conditions, paths and deletions are waited for."""
    with_web(at)
    pods = ("po", "-l", "app=web")
    assert at.says("wait", *pods, "--for=condition=Ready").count("condition met") == 2
    ready = "--for=jsonpath={.status.numberReady}"
    assert at.says("wait", "ds/web", f"{ready}=2") == "daemonset.apps/web condition met"
    assert "timed out" in at.refuses("wait", "ds/web", f"{ready}=9", "--timeout=1s")
    at.kubectl("delete", "ds", "web", "--wait=false")
    gone = at.kubectl("wait", *pods, "--for=delete", "--timeout=30s", code=None)
    assert gone.code == 0 or "no matching resources found" in gone.err


@pytest.mark.parametrize(("cascade", "left"), [("background", 0), ("foreground", 0), ("orphan", 2)])
def test_delete(at: Terminal, cascade: str, left: int) -> None:
    """Pods go with their set, before it or after it, or stay."""
    with_web(at)
    assert at.says("delete", "ds", "web", f"--cascade={cascade}") == 'daemonset.apps "web" deleted'
    if cascade != "foreground":
        names = ("get", "po", "-l", "app=web", "-o", "jsonpath={.items[*].status.phase}")
        at.until(" ".join(["Running"] * left), *names)
    assert len(at.column("po", 0, "-l", "app=web")) == left
    assert at.refuses("delete", "ds", "web").endswith('daemonsets.apps "web" not found')
    assert at.says("delete", "ds", "web", "--ignore-not-found") == ""


def test_namespaces_and_what_is_in_them(at: Terminal) -> None:
    """A namespace comes with its furniture, and goes with everything that is in it."""
    assert at.says("create", "ns", "play") == "namespace/play created"
    assert at.says("create", "configmap", "c", "--from-literal=a=b", "-n", "play") == "configmap/c created"
    assert (
        at.says("create", "secret", "generic", "s", "--from-literal=a=b", "-n", "play") == "secret/s created"
    )
    assert at.kubectl("get", "cm,sa,secret", "-n", "play", "-o", "name").out.split() == [
        "configmap/c",
        "configmap/kube-root-ca.crt",
        "serviceaccount/default",
        "secret/s",
    ]
    assert "a:  1 bytes" in at.says("describe", "secret", "s", "-n", "play")
    assert at.says("get", "cm", "c", "-n", "play", "-o", "jsonpath={.data.a}") == "b"
    assert at.says("delete", "ns", "play") == 'namespace "play" deleted'
    assert at.column("ns", 0) == ["default", "kube-node-lease", "kube-public", "kube-system"]


# --------------------------------------------------------------------------------- other versions
@pytest.mark.parametrize("minor", ["20", "27", "28", "29", "30", "31", "32", "33"])
def test_other_versions_of_kubectl(minor: str, at: Terminal) -> None:
    """Old and new ones apply, look, label, roll out and delete alike."""
    old = Terminal(at.folder, kubectls.kubectl(minor))
    assert old.says("apply", "-f", "web.yaml") == "daemonset.apps/web created"
    old.rolled_out("web")
    assert old.kubectl("get", "ds").rows[1][:4] == ["web", "2", "2", "2"]
    assert old.says("label", "node", "node-3", "disk=ssd") == "node/node-3 labeled"
    assert old.says("set", "image", "ds/web", "main=nginx:2") == "daemonset.apps/web image updated"
    old.rolled_out("web")
    assert "SuccessfulCreate" in old.says("describe", "ds", "web")
    assert "FIELDS:" in old.says("explain", "ds.spec")
    assert old.says("delete", "ds", "web") == 'daemonset.apps "web" deleted'

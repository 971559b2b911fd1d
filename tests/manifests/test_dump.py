"""Objects as text to edit."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from controller.manifests import dump, read_documents
from controller.manifests.text import read_yaml
from tests.engine.admission.parts import container, created, daemonset, node, pod_spec, updated

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"), max_size=12)
WORDS = st.sampled_from(
    ["yes", "1e3", "0x1", "12:30", "~", "", "2026-01-31", "5", "-", "a: b", "# x", "*a", " a"]
)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | WORDS, inner, max_size=3),
    max_leaves=8,
)

DUMPED = """\
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: a
  namespace: default
spec:
  revisionHistoryLimit: 10
  selector:
    matchLabels:
      app: a
  template:
    metadata:
      labels:
        app: a
    spec:
      containers:
      - name: main
        image: app:1
        command:
        - |
          first
          second
        env:
        - name: A
          value: "yes"
        - name: B
          value: "1e3"
        imagePullPolicy: IfNotPresent
        resources: {}
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
      dnsPolicy: ClusterFirst
      restartPolicy: Always
      schedulerName: default-scheduler
      securityContext: {}
      terminationGracePeriodSeconds: 30
  updateStrategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 0
      maxUnavailable: 1
"""


def test_a_set_is_written_as_people_write_it() -> None:
    """Without status and what the server wrote into the metadata; names first; texts stay texts."""
    variables = [{"name": "A", "value": "yes"}, {"name": "B", "value": "1e3"}]
    spec = pod_spec(containers=[container(command=["first\nsecond\n"], env=variables)])

    assert dump(created(daemonset(pod=spec))) == DUMPED


def test_an_unchanged_form_is_no_change() -> None:
    """Text that is sent back as it was shown leaves the object as it is."""
    stored = created(daemonset())
    (found,) = read_documents(dump(stored))

    assert updated(stored, found.manifest) == stored


def test_labels_and_own_annotations_are_kept() -> None:
    """Only the annotations that clients and the server write for themselves are left out."""
    manifest = node()
    manifest["metadata"] |= {
        "labels": {"disk": "ssd"},
        "annotations": {"note": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
    }
    text = dump(created(manifest))

    assert "annotations:\n    note: x\n" in text
    assert "labels:\n    disk: ssd\n" in text
    assert "last-applied" not in text


def test_shared_parts_are_spelt_out() -> None:
    """A form shows no anchors and aliases."""
    part = {"a": "b"}

    assert dump({"x": part, "y": part}) == 'metadata: {}\nx:\n  a: b\n"y":\n  a: b\n'


@given(VALUES)
def test_what_is_written_is_read_as_the_same(value: Any) -> None:
    """Whatever texts look like, they come back as texts."""
    (root,) = read_yaml(dump({"metadata": {}, "spec": value}))

    assert root.value == {"metadata": {}, "spec": value}

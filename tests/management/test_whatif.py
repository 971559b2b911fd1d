"""``manage.py whatif``: what would come of an edit, in the terminal."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dashboard.management.commands.whatif import WARNED
from tests.clusters import cluster, demo_text, row_of, with_daemonset

pytestmark = pytest.mark.django_db


@pytest.fixture
def tried() -> int:
    """Return a cluster with a set on three nodes, and one that waits for a label."""
    made = cluster(nodes=3)
    with_daemonset(made)
    with_daemonset(made, "ssd-monitor")
    return made


def told(*words: str) -> str:
    """Return what the command says."""
    out = StringIO()
    call_command("whatif", "tried", *words, stdout=out)
    return out.getvalue()


def test_a_label(tried: int) -> None:
    """Which pods come, on which nodes; and nothing is written."""
    before = row_of(tried).number
    said = told("label", "node-1,node-2", "disk=ssd", "rack-")

    assert "Labelled 2 nodes (node-1, node-2): disk=ssd, rack removed" in said
    assert "2 pods come, on 2 nodes." in said
    assert "DaemonSet default/ssd-monitor\n  2 pods come: node-1, node-2" in said
    assert row_of(tried).number == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cordon", "node-1"), "No pod comes or goes."),
        (("uncordon", "node-1"), "This changes nothing"),
        (("power-off", "node-1"), "No pod comes or goes."),
        (("power-on", "node-1"), "This changes nothing"),
        (("remove-nodes", "node-1"), "1 pod goes, on 1 node."),
        (("delete", "daemonset/nginx-ds"), "3 pods go, on 3 nodes."),
        (("patch", "ds/default/x", "{}"), None),
        (("patch", "DaemonSet/default/nginx-ds", "{"), None),
        (("patch", "DaemonSet/default/nobody", "{}"), None),
        (("label", "node-1", "disk"), None),
        (("apply", "-f", "/nowhere.yaml"), None),
    ],
)
def test_verbs(tried: int, words: tuple[str, ...], said: str | None) -> None:  # noqa: ARG001 - it is there
    """Each edit has a word; what is wrong is said, and nothing else."""
    if said is None:
        with pytest.raises(CommandError):
            told(*words)
    else:
        assert said in told(*words)


def test_manifests(tried: int, tmp_path: Path) -> None:  # noqa: ARG001 - it is there
    """One object is applied, several are created; a warning may end a script."""
    changed = tmp_path / "changed.yaml"
    changed.write_text(
        demo_text("nginx-ds").replace("    spec:\n", "    spec:\n      nodeSelector: {a: b}\n")
    )
    several = tmp_path / "several.yaml"
    texts = [demo_text("nginx-ds").replace("nginx-ds", name) for name in ("one", "two")]
    several.write_text("\n---\n".join(texts))

    assert "Warning: nginx-ds: no node is targeted. a=b is on 0 of 3 nodes." in told(
        "apply", "-f", str(changed)
    )
    assert "6 pods come, on 3 nodes." in told("apply", "-f", str(several))
    with pytest.raises(SystemExit) as ended:
        told("--fail-on-warning", "apply", "-f", str(changed))
    assert ended.value.code == WARNED


def test_a_patch(tried: int) -> None:  # noqa: ARG001 - it is there
    """A strategic merge patch, as kubectl patch takes it."""
    image = '{"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": "nginx:2"}]}}}}'

    assert "3 pods are replaced, on 3 nodes." in told("patch", "daemonset/default/nginx-ds", image)

"""``manage.py cluster``: the services by hand."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from controller import models
from tests.clusters import audited
from tests.servers import BASE

pytestmark = pytest.mark.django_db


def told(*words: str) -> str:
    """Return what the command says."""
    out = StringIO()
    call_command("cluster", *words, stdout=out)
    return out.getvalue()


def test_create() -> None:
    """A cluster is made as the options say."""
    words = ("--nodes", "2", "--label", "disk=ssd", "--label", "pool=", "--start-delay", "0.5")
    more = ("--stop-delay", "0", "--node-grace", "7")
    assert told("create", "tried", *words, *more) == "cluster tried created\n"

    row = models.Cluster.objects.get(name="tried")
    assert (row.start_delay, row.stop_delay, row.node_grace) == (0.5, 0, 7)
    labels = [one.manifest["metadata"]["labels"] for one in models.Node.objects.filter(cluster=row)]
    assert labels == [{"disk": "ssd", "pool": ""}] * 2
    assert models.AuditEntry.objects.get().actor == "command"


def test_defaults() -> None:
    """Without options a cluster is empty, with the delays of every new cluster."""
    told("create", "tried")
    row = models.Cluster.objects.get(name="tried")
    assert (row.start_delay, row.stop_delay, row.node_grace) == (1, 1, 40)
    assert not models.Node.objects.exists()


def test_delete_and_list() -> None:
    """Clusters are listed by name, a line each, and deleted by name."""
    told("create", "second", "--nodes", "1")
    told("create", "first")
    assert told("list") == "first\t0 nodes\tx1\nsecond\t1 nodes\tx1\n"
    assert told("delete", "first") == "cluster first deleted\n"
    assert told("list") == "second\t1 nodes\tx1\n"
    assert audited()[-1] == "Deleted cluster first"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("create", "No Name"), "is invalid: metadata.name", id="a wrong name"),
        pytest.param(("create", "x", "--label", "disk"), "'disk' is not key=value", id="a wrong label"),
        pytest.param(("create", "x", "--nodes", "many"), "invalid int value: 'many'", id="a wrong number"),
        pytest.param(("delete", "ghost"), 'clusters "ghost" not found', id="no such cluster"),
    ],
)
def test_refused(words: tuple[str, ...], said: str) -> None:
    """What cannot be done is said in one sentence."""
    with pytest.raises(CommandError) as refused:
        told(*words)
    assert said in str(refused.value)
    assert not models.Cluster.objects.exists()


def test_export_and_import(tmp_path: Path) -> None:
    """A cluster goes to a file and comes back under another name; no file is written over."""
    told("create", "tried", "--nodes", "2")
    file = tmp_path / "tried.everynode.gz"
    assert told("export", "tried", str(file)) == f"cluster tried written to {file}\n"
    assert told("import", str(file), "--name", "again") == f"cluster again made of {file}\n"
    assert models.Node.objects.filter(cluster__name="again").count() == 2
    with pytest.raises(CommandError, match="exists"):
        told("export", "tried", str(file))
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(CommandError, match="the file ends early"):
        told("import", str(file), "--name", "third")


def test_import_dump(tmp_path: Path) -> None:
    """What kubectl wrote of a real cluster becomes a paused one; what is none is refused with what to do."""
    fixture = BASE / "tests" / "fixtures" / "dump.json.gz"
    said = told("import-dump", "prod", str(fixture))
    assert "cluster prod made of a dump of 2026-11-22 06:25:12 UTC, paused: " in said
    assert "12 Node" in said
    assert "left out: 1 ConfigMap, 1 Secret" in said
    assert "prod\t12 nodes\tpaused" in told("list")
    page = tmp_path / "page.json"
    page.write_text("<html>")
    with pytest.raises(CommandError, match=r"page.json: this is a web page.*kubectl get nodes"):
        told("import-dump", "other", str(page))
    with pytest.raises(CommandError, match="No such file"):
        told("import-dump", "other", str(tmp_path / "none.json"))

"""A mirrored cluster is moved by its own API server: no service of ours changes what we hold of it."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.db import transaction

from controller import models, services
from controller.engine.changes import Verb
from controller.engine.daemonset.edits import RequestEdit
from controller.engine.edits.draft import PAGES
from controller.engine.edits.nodes import Cordon
from controller.engine.errors import NotOffered, Refused
from controller.modes import Capability, Mode
from controller.services import forwarding, history
from controller.services.edits import editing
from controller.services.nodes import node_manifest
from controller.store import leases, writes
from controller.upstream.connection import Connection
from tests.builders import node_manifest as node
from tests.clusters import (
    OWNER,
    PERSON,
    audited,
    change,
    cluster,
    demo_text,
    everything,
    mirrored,
    numbers,
    row_of,
    settle,
    with_daemonset,
)
from tests.people import someone

pytestmark = pytest.mark.django_db

ELSEWHERE = frozenset(
    {
        "cluster_rename",
        "cluster_copy",
        "cluster_delete",
        "cluster_pass",
        "log_keep",
        "history_trim",
        "history_clear",
        "grant_set",
        "mirror_recreated",
        "mirror_rewound",
        "mirror_replace",
        "reset_finish",
        "token_create",
    }
)
"""What may be done with a mirrored cluster: none of it concerns what is in it."""

VALUES: dict[str, Any] = {
    "actor": PERSON,
    "owner": OWNER,
    "namespace": "default",
    "name": "nginx-ds",
    "kind": "DaemonSet",
    "node": "node-1",
    "nodes": ["node-1"],
    "names": ["node-1"],
    "container": "nginx",
    "image": "nginx:2",
    "paused": True,
    "revision": 1,
    "behaviour": "crash",
    "fields": {"wavesBy": "zone"},
    "side": "node",
    "edit": RequestEdit("nginx", "cpu", "1m"),
    "request": Cordon(["node-1"], cordoned=True),
    "client": PAGES,
    "button": "node",
    "speed": 2.0,
    "start_delay": 2.0,
    "stop_delay": 2.0,
    "node_grace": 2.0,
    "labels": {"a": "b"},
    "set": {"a": "b"},
    "remove": [],
    "taints": [],
    "cordoned": True,
    "up": False,
    "pressure": "MemoryPressure",
    "reported": True,
    "text": demo_text("nginx-ds"),
    "seen": None,
    "signal": 9,
    "code": 1,
    "key": "a",
    "value": "b",
    "file": "a.yaml",
    "connection": Connection("https://192.0.2.1:6443", token="t"),
    "impersonate": False,
    "target": 80,
    "pieces": [("Node", node_manifest("more"))],
    "replicas": 2,
    "role": "viewer",
    "entry": 1,
    "manifest": node_manifest("more"),
    "wave": "canary",
}
"""Values for parameters of services, by their names."""

TYPES: dict[str, Any] = {
    "str": "one",
    "str | None": None,
    "int": 1,
    "float": 1.0,
    "bool": True,
    "Sequence": [],
    "Iterable": [],
    "Mapping": {},
    "Manifest": node_manifest("more"),
}
"""... and by their types, of those that are new."""


def walked() -> list[Callable[..., Any]]:
    """Return every public function of the services that is told a cluster."""
    found: list[Callable[..., Any]] = []
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        if module.name == forwarding.__name__:
            continue  # it carries to the server what the others decide
        for name, function in inspect.getmembers(import_module(module.name), inspect.isfunction):
            parameters = inspect.signature(function).parameters
            ours = function.__module__ == module.name and not inspect.isgeneratorfunction(
                inspect.unwrap(function)
            )
            if (
                ours
                and not name.startswith("_")
                and "int" in str(getattr(parameters.get("cluster"), "annotation", ""))
            ):
                found.append(function)
    return found


@pytest.fixture(name="real")
def _real() -> int:
    tried = cluster("real", nodes=2)
    with_daemonset(tried)
    return mirrored(tried)


def _of_type(annotation: object) -> Any:
    return TYPES.get(str(annotation).partition("[")[0])


def arguments(function: Callable[..., Any], real: int) -> dict[str, Any]:
    """Return what a service is called with: a value of a parameter's name, or else of its type."""
    person = someone("ed", "").pk
    known = {**VALUES, "cluster": real, "person": person, "user": person}
    wanted = inspect.signature(function).parameters.values()
    return {
        one.name: [] if "Taint" in str(one.annotation) else known.get(one.name, _of_type(one.annotation))
        for one in wanted
        if one.default is one.empty
    }


def outcome(service: Callable[..., Any], real: int) -> str:
    """Call a service, look at what became of the cluster, and take it back."""
    try:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    service(**arguments(service, real))
                said = "done"
            except Refused as refused:
                said = type(refused).__name__
            raise _TakenBack(said, everything(real), list(numbers(real)))  # noqa: TRY301 - it ends the transaction
    except _TakenBack as found:
        said, after, log = found.args
    if service.__name__ != "cluster_delete" and (after != everything(real) or log[-1] != row_of(real).number):
        said = "wrote"
    return str(said)


class _TakenBack(Exception):
    pass


def test_no_service_writes(real: int) -> None:
    """Whatever a person asks for, no object of a mirrored cluster changes by it.

    What is offered there gets as far as the credentials, which no key of ours opens.
    """
    said = {service.__name__: outcome(service, real) for service in walked()}
    assert [name for name, each in said.items() if name not in ELSEWHERE and each in {"done", "wrote"}] == []
    assert {name: said[name] for name in ELSEWHERE if said[name] == "wrote"} == {}


def test_nobody_is_lent_the_pen(real: int) -> None:
    """The type that writes rows is not to be had for a cluster that our controllers do not move."""
    with pytest.raises(NotOffered) as refused, writes.writing(real):
        pytest.fail("it was lent")
    assert refused.value.capability == Capability.RECONCILE
    with pytest.raises(NotOffered), editing(cluster=real, actor=PERSON):
        pytest.fail("it was lent")
    with writes.locked(real) as opened:
        assert not hasattr(opened, "put")


def test_old_events_stay(real: int) -> None:
    """Events of a real cluster go when its own API server forgets them."""
    events = models.Event.objects.filter(cluster=real)
    events.update(last="2020-01-01T00:00:00Z")
    before = events.count()
    history.log_keep(cluster=real)
    assert events.count() == before > 0


def test_a_mirror_writes_under_its_fence(real: int) -> None:
    """What a mirror writes bears the version upstream, waits for no pass, and needs the newest lease."""
    first = leases.acquire(real, OWNER, leases.MIRROR)
    assert first
    with writes.mirroring(first) as opened:
        opened.put([change(node("far"))], {("Node", "", "far"): "77"})

    assert models.Node.objects.get(cluster=real, name="far").upstream == "77"
    assert row_of(real).planned == row_of(real).number
    assert models.Node.objects.get(cluster=real, name="node-1").upstream == ""

    models.Mirror.objects.update(expires=1.0)
    second = leases.acquire(real, "another", leases.MIRROR)
    assert second
    assert leases.acquire(real, OWNER, leases.MIRROR) is None
    with pytest.raises(leases.Lost), writes.mirroring(first) as opened:
        opened.put([change(node("far"), Verb.DELETED)], {})
    assert models.Node.objects.filter(cluster=real, name="far").exists()


def test_a_copy_is_a_simulation(real: int) -> None:
    """A copy of a mirrored cluster is moved by our controllers."""
    copy = services.clusters.cluster_copy(cluster=real, name="copy", actor=PERSON)
    assert Mode(copy.mode).capabilities == frozenset(Capability)
    settle(copy.pk)
    assert "Created cluster real" in audited()

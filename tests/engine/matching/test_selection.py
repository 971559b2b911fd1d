"""Selections: which objects somebody wants."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.matching.selection import Facts, Selection
from controller.engine.matching.selectors import field_terms, label_requirements


def selection(labels: str = "", fields: str = "", *, namespace: str = "") -> Selection:
    """Return a selection of pods, written as in a query."""
    return Selection("Pod", namespace, label_requirements(labels), field_terms(fields))


def pod(*, node: str = "n1", **labels: str) -> dict[str, Any]:
    """Return as much of a pod as selections look at."""
    return {"metadata": {"name": "p", "namespace": "default", "labels": labels}, "spec": {"nodeName": node}}


@pytest.mark.parametrize(
    ("chosen", "covered"),
    [
        (selection(), True),
        (selection(namespace="default"), True),
        (selection(namespace="other"), False),
        (selection(fields="metadata.name=p"), True),
        (selection(fields="metadata.name!=p"), False),
        (selection(fields="metadata.namespace=default,metadata.name=q"), False),
        (selection(fields="metadata.namespace!=default"), False),
        (selection("app=agent"), True),
    ],
)
def test_keys(chosen: Selection, *, covered: bool) -> None:
    """Namespace and name decide first, and for all of an object's life."""
    assert chosen.covers(("Pod", "default", "p")) is covered
    assert not chosen.covers(("Node", "default", "p"))


@pytest.mark.parametrize(
    ("chosen", "manifest", "selected"),
    [
        (selection(), pod(), True),
        (selection("app=agent"), pod(app="agent"), True),
        (selection("app=agent"), pod(app="other"), False),
        (selection("app=agent,!old"), pod(app="agent", old="yes"), False),
        (selection("", "spec.nodeName=n1"), pod(), True),
        (selection("", "spec.nodeName!=n1"), pod(), False),
        (selection("app=agent", "spec.nodeName=n2"), pod(app="agent"), False),
        (selection("!app"), {"metadata": {"labels": None}}, True),
    ],
)
def test_objects(chosen: Selection, manifest: dict[str, Any], *, selected: bool) -> None:
    """An object must meet every requirement; its facts tell the same as the object itself."""
    assert chosen.selects(manifest) is selected
    assert chosen.holds(Facts.read("Pod", manifest)) is selected


def test_fixed() -> None:
    """A selection by name alone never gains or loses an object that lives on."""
    assert selection("", "metadata.name=p").fixed
    assert not selection("app").fixed
    assert not selection("", "spec.nodeName=n1").fixed


def test_wanted() -> None:
    """The one value that a field must have can be asked for, to find objects by it."""
    chosen = selection("", "spec.nodeName=n1,status.phase!=Failed")
    assert chosen.wanted("spec.nodeName") == "n1"
    assert chosen.wanted("status.phase") is None
    assert chosen.wanted("metadata.name") is None

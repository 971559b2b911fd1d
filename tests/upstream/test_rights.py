"""What is asked for in a real cluster is what is done there, and the files that grant it say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from controller.engine.kinds import KINDS
from controller.mirror.kinds import ORDER
from controller.services.calls import READ
from controller.upstream.rights import (
    IMPERSONATOR,
    MIRRORED,
    OPERATOR,
    READER,
    Right,
    cluster_role,
    rules,
)
from tests.servers import BASE


@pytest.mark.parametrize(
    ("name", "rights"), [("reader", READER), ("operator", OPERATOR), ("impersonator", IMPERSONATOR)]
)
def test_the_files_grant_what_is_asked_for(name: str, rights: tuple[Right, ...]) -> None:
    """Each file of deploy/rbac is a ClusterRole with exactly the rights that a connection is tested for."""
    text = (Path(BASE) / "deploy" / "rbac" / f"{name}.yaml").read_text()
    assert yaml.safe_load(text) == cluster_role(f"everynode-{name}", rights)


def test_the_reader_reads_what_is_mirrored_and_no_more() -> None:
    """Lists and watches are granted for the kinds that a mirror follows, of each; no secret is among them."""
    assert set(MIRRORED) == {(kind.group, kind.plural) for kind in ORDER}
    listed = {(kind.group, kind.plural, verb) for kind in ORDER for verb in ("list", "watch")}
    read = {(one.group, one.resource, one.verb) for one in READER if not one.subresource}
    assert read == listed | {("", "namespaces", "get")}


def test_the_operator_may_do_what_is_forwarded() -> None:
    """Kinds of which edits are forwarded may be patched, and deleted but for namespaces; pods are evicted."""
    for kind in (KINDS[name] for name in READ):
        assert Right("patch", kind.group, kind.plural) in OPERATOR
        assert (Right("delete", kind.group, kind.plural) in OPERATOR) == (kind.name != "Namespace")
    assert Right("create", "", "pods", "eviction") in OPERATOR


def test_rules_are_short() -> None:
    """Resources of a group with the same verbs share a rule."""
    assert rules(
        [Right("get", "", "pods"), Right("get", "", "nodes"), Right("list", "apps", "daemonsets")]
    ) == [
        {"apiGroups": [""], "resources": ["pods", "nodes"], "verbs": ["get"]},
        {"apiGroups": ["apps"], "resources": ["daemonsets"], "verbs": ["list"]},
    ]

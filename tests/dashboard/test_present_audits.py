"""The sentences of the audit list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from controller.services.edits import EVERYBODYS
from dashboard.present.audits import SENTENCES, sentence
from dashboard.present.notices import words
from tests.servers import BASE

TOLD: list[Any] = [
    pytest.param("cluster_create", "demo", {}, "Created cluster demo", id="plain"),
    pytest.param(
        "daemonset_strategy",
        "default/agent",
        {
            "changes": [
                ["spec.updateStrategy.rollingUpdate.maxUnavailable", 1, 3],
                ["spec.minReadySeconds", 0, 10],
            ]
        },
        "Set the update strategy of DaemonSet default/agent: maxUnavailable 1 → 3, minReadySeconds 0 → 10",
        id="values before and after",
    ),
    pytest.param(
        "object_replace",
        "ConfigMap default/a",
        {"changes": [["data.a", "1", None], ["data.b", None, "2"]], "agent": "kubectl"},
        "Edited ConfigMap default/a with kubectl: data.a removed, data.b=2",
        id="fields of YAML",
    ),
    pytest.param(
        "object_replace",
        "Secret default/a",
        {"changes": [["data.a", None, None]]},
        "Edited Secret default/a: data.a",
        id="a value that is withheld",
    ),
    pytest.param(
        "object_replace",
        "Node a",
        {"changes": [["spec.unschedulable", None, True], ['metadata.finalizers[="a/b"]', None, "a/b"]]},
        'Edited Node a: spec.unschedulable=true, metadata.finalizers[="a/b"] added',
        id="truths and members",
    ),
    pytest.param("node_cordon", "", {"nodes": ["a"], "count": 1}, "Cordoned node a", id="one node"),
    pytest.param(
        "node_cordon", "", {"nodes": ["a", "b"], "count": 2}, "Cordoned 2 nodes (a, b)", id="two nodes"
    ),
    pytest.param(
        "nodes_add", "", {"nodes": ["a", "b"], "count": 40}, "Added 40 nodes (a, b and 38 more)", id="many"
    ),
    pytest.param(
        "nodes_add",
        "",
        {"nodes": list("abcdefgh"), "count": 40},
        "Added 40 nodes (a, b, c, d, e and 35 more)",
        id="too many to name",
    ),
    pytest.param(
        "object_delete", "Pod default/a", {"force": True}, "Deleted Pod default/a (by force)", id="by force"
    ),
    pytest.param(
        "object_delete",
        "DaemonSet default/a",
        {"propagation": "Orphan"},
        "Deleted DaemonSet default/a (its pods stay)",
        id="a policy",
    ),
    pytest.param(
        "cluster_settings",
        "demo",
        {"changes": [["start_delay", 1.0, 2.5]]},
        "Changed the machines of demo: start delay (s) 1 → 2.5",
        id="delays",
    ),
    pytest.param(
        "node_cordon",
        "",
        {"nodes": ["a", "b"], "count": 2, "partly": {"names": ["a"], "made": 1, "count": 2}},
        "Cordoned 2 nodes (a, b); only 1 of 2 changes were made: a",
        id="not all of it",
    ),
    pytest.param("legacy", "x", {"sentence": "Did 100 % of it"}, "Did 100 % of it", id="an old entry"),
    pytest.param("of_tomorrow", "demo", {}, "of_tomorrow demo", id="a code without words"),
]


@pytest.mark.parametrize(("action", "about", "facts", "said"), TOLD)
def test_sentences(action: str, about: str, facts: dict[str, Any], said: str) -> None:
    """An entry is told with what it was about, and with the values before and after."""
    assert sentence(action, about, facts) == said


def test_every_code_has_words() -> None:
    """Whatever a service or the engine notes has a sentence, and what everybody is told has its notice."""
    places = ("controller/engine/edits", "controller/services", "dashboard")
    sources = [source for place in places for source in Path(BASE, place).rglob("*.py")]
    noted = re.compile(r"""(?:\.note(?:_changes)?\(|\baction=)\s*"(\w+)\"""")
    codes = {code for source in sources for code in noted.findall(source.read_text())}
    codes -= {"append", "store_true"}  # argparse
    assert len(codes) > 20
    assert codes <= SENTENCES.keys()
    assert words().keys() == EVERYBODYS

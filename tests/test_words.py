"""Words for people are made in the dashboard: what lies below carries codes and facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from controller.engine import errors
from controller.upstream import client
from controller.upstream import errors as upstream
from dashboard.present.refusals import SENTENCES, sentence
from tests.servers import BASE

PROSE = re.compile(r"[A-Za-z][a-z]* [a-z]+ [a-z]+")
"""Three words in a row: no name, no key and no format has them."""

ENGLISH = {
    "controller/metrics.py": "Prometheus reads it, and its metrics are described in English",
    "controller/admin.py": "Django admin, through gettext",
    "controller/apiserver/": "what clients of the API are told",
    "controller/engine/admission/": "the API server's faults",
    "controller/engine/builtin.py": "descriptions in the objects that Kubernetes itself makes",
    "controller/engine/cluster/eventbook.py": "events",
    "controller/engine/cluster/kubelet.py": "events and statuses of pods",
    "controller/engine/cluster/kubeletevents.py": "events",
    "controller/engine/cluster/resize.py": "conditions of pods, in the kubelet's words",
    "controller/engine/cluster/nodeconditions.py": "conditions of nodes",
    "controller/engine/cluster/nodes.py": "what a node's status says of its machine",
    "controller/engine/cluster/podstatus.py": "statuses of pods",
    "controller/engine/container/": "what programs in containers print",
    "controller/engine/controllers/node_lifecycle.py": "events",
    "controller/engine/cluster/scheduler/": "events and conditions of pods",
    "controller/engine/controllers/scheduler/": "events and conditions of pods",
    "controller/engine/controllers/static_pods.py": "events",
    "controller/engine/controllers/statefulset.py": "events",
    "controller/engine/namespaces.py": "conditions of namespaces, and the API server's refusals",
    "controller/engine/controllers/taint_eviction.py": "events",
    "controller/engine/controllers/persistentvolume.py": "events",
    "controller/engine/daemonset/manage.py": "events",
    "controller/engine/daemonset/staged/": "the status of a plan, an annotation for clients, and events",
    "controller/engine/controllers/staged_rollouts.py": "events",
    "controller/engine/volume/": "events and statuses of volumes, and why a pod has no node",
    "controller/engine/workloads/pods.py": "the API server's faults",
    "controller/engine/cluster/vantage.py": "what programs in containers print",
    "controller/engine/controllers/drains.py": "events",
    "controller/engine/controllers/deployment.py": "events and conditions",
    "controller/engine/deployment/status.py": "conditions of Deployments",
    "controller/engine/controllers/cronjob.py": "events",
    "controller/engine/controllers/disruption.py": "events and conditions",
    "controller/engine/controllers/endpoints_mirroring.py": "events",
    "controller/engine/job/": "conditions and events of Jobs",
    "controller/engine/workloads/targets.py": "conditions of pods",
    "controller/engine/differences.py": "the log of the process",
    "controller/engine/edits/": "the API server's faults",
    "controller/engine/errors.py": "the API server's faults",
    "controller/engine/matching/": "the API server's faults",
    "controller/engine/newpod.py": "the API server's faults",
    "controller/engine/quota/": "the API server's faults",
    "controller/engine/schedules.py": "the API server's faults of CronJobs",
    "controller/live/frames.py": "the document of the frames",
    "controller/management/": "the command line",
    "controller/upstream/": "why a kubeconfig, an address or an API server is refused: for the command line",
    "controller/manifests/": "faults of texts, told to clients too",
    "controller/services/accounttokens.py": "the API server's faults",
    "controller/services/archives.py": "faults of files, told on the command line too",
    "controller/services/restoring.py": "faults of files, told on the command line too",
}
"""Where English may stand, and what it is there."""

UNSEEN = {"Gone", "LookupError", "report", "supervised"} | {
    f"{logger}.{level}" for logger in ("log", "logger") for level in ("info", "warning", "error", "exception")
}
"""Calls whose sentences are the process's own log, or the API server's *too old resource version*."""

RULES = {
    "too large resource version: ": "the API server's fault of a list at a number",
    "No space left": "a word of a database",
}


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each sentence in a module that somebody could be shown."""
    tree = ast.parse(path.read_text())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if isinstance(parents[node], ast.Expr) or not PROSE.search(node.value) or node.value in RULES:
            continue
        around = list(_above(parents, node))
        calls = {ast.unparse(one.func) for one in around if isinstance(one, ast.Call)}
        if not calls & UNSEEN:
            yield node.lineno, node.value


def _above(parents: dict[ast.AST, ast.AST], node: ast.AST) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def test_no_sentence_for_people_comes_from_below() -> None:
    """A new sentence in services, queries, store, live or the controllers is a code in the wrong place."""
    found = [
        f"{path}:{line}: {text!r}"
        for path in sorted(one.relative_to(BASE) for one in (BASE / "controller").rglob("*.py"))
        if not path.as_posix().startswith(tuple(ENGLISH))
        for line, text in sentences(BASE / path)
    ]
    assert not found, "\n".join(found)


def test_every_exception_of_that_rule_is_needed() -> None:
    """A module that has no sentences any more may have none again."""
    needless = [
        place
        for place in ENGLISH
        if not any(
            next(sentences(path), None)
            for path in ([BASE / place] if place.endswith(".py") else (BASE / place).rglob("*.py"))
        )
    ]
    assert not needless


def test_a_sentence_is_found(tmp_path: Path) -> None:
    """The check can fail: a reason in words, a raise in words, a piece of an f-string."""
    module = tmp_path / "module.py"
    module.write_text(
        '"""A module about many things."""\n'
        'put(found, "its labels were edited")\n'
        'raise Busy(f"try {name} once more later")\n'
        'log.warning("The database is away: %s", 1)\n'
    )
    assert [line for line, _text in sentences(module)] == [2, 3]


API = {
    errors.AlreadyExists,
    errors.ApplyConflict,
    errors.BadRequest,
    errors.DisruptionRefused,
    errors.Forbidden,
    errors.Invalid,
    errors.ManyBudgets,
    errors.MethodNotAllowed,
    errors.NotAcceptable,
    errors.NotFound,
    errors.OwnServer,
    errors.PageNotFound,
    errors.Several,
    errors.TooLarge,
    errors.TooNew,
    errors.Unauthorized,
    errors.Unprocessable,
    errors.Unreachable,
    errors.UnsupportedMediaType,
    errors.WrongTypes,
    upstream.Clash,
    upstream.NotThere,
    upstream.TooOld,
    upstream.Unacceptable,
    upstream.Upstream,
}
"""The refusals of which pages say what the API server says."""


def test_every_refusal_of_ours_has_words() -> None:
    """A refusal is the API server's, or the dashboard words it."""
    classes = {one for one in (*vars(errors).values(), *vars(upstream).values()) if isinstance(one, type)}
    refusals = {one for one in classes if issubclass(one, errors.Refused)} - {errors.Refused}
    assert refusals == set(SENTENCES) | API
    assert not set(SENTENCES) & API


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (errors.NotPaused("a"), "Time in a was resumed meanwhile, so no step was made."),
        (errors.NotFound("nodes", "a"), 'nodes "a" not found'),
    ],
    ids=["ours", "the API server's"],
)
def test_a_refusal_is_worded_with_its_facts(refused: errors.Refused, words: str) -> None:
    """Names in a sentence are the refusal's own."""
    assert sentence(refused) == words


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "Connection refused"), TimeoutError()])
def test_the_network_in_words(error: OSError) -> None:
    """Why an API server is not reached is told in the reader's language, without the system's numbers."""
    said = client.said(error)
    assert "Errno" not in said
    with override("zh-hans"):
        assert not re.search("[A-Za-z]{5,}", sentence(upstream.NotReached(said)))

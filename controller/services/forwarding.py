"""Edits of a real cluster: what was decided is sent to its API server, and seen again through its mirror.

The rows are the mirror's, so nothing is written here. Each change is sent with the version upstream that it
was decided on: where somebody else wrote meanwhile nothing is overwritten, the edit is decided anew on what
they wrote once the mirror has told it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jsonpatch
from django.conf import settings

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.edits import (
    cures,
    daemonsets,
    deletion,
    eviction,
    nodes,
    objects,
    rollouts,
    undo,
    workloads,
)
from controller.engine.edits.decide import Request
from controller.engine.edits.draft import Client as Sender
from controller.engine.edits.draft import Context, Decision, Draft
from controller.engine.edits.sent import fields_of, is_deletion, new_object
from controller.engine.edits.undo import edited
from controller.engine.errors import Conflict, NotAwaiting, NotFound, NotOffered, Refused
from controller.engine.kinds import KINDS
from controller.engine.objects import PLAN_ANNOTATION, Key, Manifest
from controller.modes import Capability
from controller.services.calls import LOOK, READ, Call, Sent, condition
from controller.store import mirrors
from controller.store.objects import RowObjects
from controller.upstream import errors
from controller.upstream.client import Client, path_of
from controller.upstream.secrets import unseal

OFFERED = (
    cures.CureNode,
    cures.CureNodes,
    cures.CureSet,
    cures.FitSet,
    daemonsets.PauseRollout,
    daemonsets.SetStrategy,
    deletion.Delete,
    deletion.DeleteAll,
    eviction.Evict,
    nodes.Cordon,
    nodes.PatchLabels,
    nodes.PatchTaints,
    nodes.RemoveNodes,
    nodes.SetLabels,
    nodes.SetTaints,
    objects.Create,
    objects.CreateAll,
    objects.Patch,
    objects.Replace,
    rollouts.EndPlan,
    rollouts.Promote,
    rollouts.SetPlan,
    rollouts.UndoRollout,
    undo.Undo,
    workloads.Restart,
    workloads.Rollback,
    workloads.SetImage,
)
"""What can be asked of a real cluster. All else needs machines or controllers of ours."""

TRIES = 4
"""How often an edit is decided anew because somebody else wrote meanwhile."""


def check(request: Request) -> None:
    """Raise NotOffered for a request that only a simulated cluster can carry out."""
    if not isinstance(request, OFFERED):
        raise NotOffered(Capability.MACHINES)
    if isinstance(request, deletion.Delete) and request.key[0] == "Namespace":
        raise NotOffered(Capability.RECONCILE)


def calls_of(
    decision: Decision, request: Request, held: RowObjects, context: Context, number: int
) -> list[Call]:
    """Return what a decision comes to on the server, in its order; ``number`` is that of the last change.

    To be asked where rows cannot move.
    """
    if isinstance(request, daemonsets.PauseRollout) and not _is_staged(request.key, held):
        raise NotOffered(Capability.RECONCILE)  # only what carries plans out knows that annotation
    if isinstance(request, eviction.Evict):
        found = [_eviction(request, held)]
    else:
        texts = _originals(request)
        made = (_call(change, request, held, context, texts) for change in decision.changes)
        found = [call for call in made if call]
    return [replace(call, number=number) for call in found]


def _is_staged(key: Key, held: RowObjects) -> bool:
    standing = held.find(*key)
    annotations = (standing.manifest["metadata"].get("annotations") or {}) if standing else {}
    return PLAN_ANNOTATION in annotations


def _call(
    change: Change, request: Request, held: RowObjects, context: Context, texts: Mapping[Key, Manifest]
) -> Call | None:
    key = change.key
    if change.verb is Verb.ADDED:
        return Call(key, "POST", texts.get(key) or new_object(change.manifest), 0)
    standing, version = held.find(*key), _version(held.cluster, key)
    if standing is None or key[0] not in READ:
        raise NotOffered(Capability.RECONCILE)
    if is_deletion(standing, change):
        options = getattr(request, "options", None) or deletion.Options()
        return Call(key, "DELETE", _delete_options(options, standing.manifest["metadata"]["uid"]), 0, version)
    fields = fields_of(Draft(held, context), standing, change)
    if not fields.differ:
        return None
    body = [condition(version), *_operations(fields.standing, fields.wanted)]
    return Call(key, "PATCH", body, 0, version, standing=fields.standing, wanted=fields.wanted)


def _operations(standing: Manifest, wanted: Manifest) -> list[dict[str, Any]]:
    """Return what a JSON patch does about what differs.

    What is read as empty may not stand there at all, and no patch goes into what does not.
    """
    operations = jsonpatch.make_patch(standing, wanted).patch
    whole = [
        {"op": "add", "path": f"/metadata/{part}", "value": wanted["metadata"][part]}
        for part in ("labels", "annotations")
        if not standing["metadata"][part] and wanted["metadata"][part]
    ]
    kept = [one for one in operations if not any(one["path"].startswith(each["path"]) for each in whole)]
    return [*whole, *kept]


def _delete_options(options: deletion.Options, uid: str) -> Manifest:
    said: Manifest = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}}
    if options.propagation:
        said["propagationPolicy"] = options.propagation
    if options.grace is not None:
        said["gracePeriodSeconds"] = options.grace
    return said


def _eviction(request: eviction.Evict, held: RowObjects) -> Call:
    _kind, namespace, name = request.key
    standing = held.find(*request.key)
    if standing is None:
        raise NotFound(KINDS["Pod"].resource, name)
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        "deleteOptions": _delete_options(request.options, standing.manifest["metadata"]["uid"]),
    }
    return Call(request.key, "EVICT", body, 0, _version(held.cluster, request.key), ("eviction",))


def _originals(request: Request) -> dict[Key, Manifest]:
    """Return new objects as they were written: their server fills in the rest, as it sees fit."""
    if isinstance(request, objects.Create):
        written: list[tuple[str, Manifest]] = [(request.kind, request.manifest)]
    elif isinstance(request, objects.CreateAll):
        written = list(request.objects)
    else:
        written = []
    found = {}
    for kind, manifest in written:
        meta = manifest["metadata"]
        if name := meta.get("name"):
            namespace = (meta.get("namespace") or "default") if KINDS[kind].namespaced else ""
            found[(kind, namespace, name)] = manifest
    return found


def _version(cluster: int, key: Key) -> str:
    standing = mirrors.upstream_of(cluster, key)
    return standing.version if standing else ""


def send(cluster: int, calls: list[Call], *, actor: str, sender: Sender, sent: Sent) -> None:
    """Make the calls in their order, and note in ``sent`` what was done.

    What nobody answered is waited for in the mirror, and never sent again. Raises Upstream (Clash: somebody
    else wrote meanwhile), NoKey, BadAddress: what came before it is done.
    """
    query = {"dryRun": "All"} if sender.dry_run else {}
    with _client(cluster, actor) as client:
        for call in calls:
            sent.calls[call.key] = call
            try:
                answer = _settled(client, call, {**query, "fieldManager": manager_of(actor)})
            except errors.Unanswered:
                sent.after[call.key] = None
                if sender.dry_run or sent.await_echo(cluster) is None:
                    raise
                continue  # it was done
            meta = answer.get("metadata") or {}
            gone = call.verb in {"DELETE", "EVICT"}
            sent.after[call.key] = "" if gone else str(meta.get("resourceVersion") or "")


def _client(cluster: int, actor: str) -> Client:
    """Return a client that acts as a person, if that is wished there. Raises Upstream, NoKey, BadAddress."""
    mirror = models.Mirror.objects.get(pk=cluster)
    return Client(unseal(bytes(mirror.sealed)), person=actor if mirror.impersonate else "")


MANAGER = "everynode:"
LONGEST_MANAGER = 128


def manager_of(actor: str) -> str:
    """Return the field manager by which an API server knows who wrote: its mirror reads it back."""
    return f"{MANAGER}{actor}"[:LONGEST_MANAGER]


def _settled(client: Client, call: Call, query: dict[str, str]) -> Manifest:
    """Make a call; once more where others wrote only a status meanwhile, as controllers do all the time.

    A server that has too much to do is obeyed, if it asks for no more patience than people have.
    """
    until = time.monotonic() + settings.EVERYNODE_UPSTREAM_ECHO
    for _ in range(TRIES):
        try:
            return _make(client, call, query)
        except errors.Overloaded as busy:
            if not _is_for_now(busy) or time.monotonic() + busy.after > until:
                raise
            time.sleep(busy.after)  # it did nothing, and says when it will
        except errors.Clash:
            if call.standing is None:
                raise
            kind, namespace, name = call.key
            now = client.get(path_of(KINDS[kind], namespace, name))
            if edited(now) != call.standing:
                raise
            call = call.on(now["metadata"]["resourceVersion"])
    return _make(client, call, query)


def _is_for_now(busy: errors.Overloaded) -> bool:
    """Whether a server only has too much to do: a budget that forbids an eviction answers in the same way."""
    causes = (busy.status.get("details") or {}).get("causes") or ()
    return busy.after > 0 and not any(one.get("reason") == "DisruptionBudget" for one in causes)


def _make(client: Client, call: Call, query: dict[str, str]) -> Manifest:
    kind, namespace, name = call.key
    row = KINDS[kind]
    match call.verb:
        case "POST":
            return client.send("POST", path_of(row, namespace), query, call.body)
        case "PATCH":
            path = path_of(row, namespace, name)
            return client.send("PATCH", path, query, call.body, "application/json-patch+json")
        case "EVICT":
            bare = {key: value for key, value in query.items() if key != "fieldManager"}
            return client.send("POST", path_of(row, namespace, name, *call.subresource), bare, call.body)
    bare = {key: value for key, value in query.items() if key != "fieldManager"}
    return client.send("DELETE", path_of(row, namespace, name), bare, call.body)


def forward(
    cluster: int,
    decided: Callable[[], tuple[Decision, list[Call]]],
    *,
    actor: str,
    sender: Sender,
) -> tuple[Decision, Sent, Refused | None]:
    """Decide, send, and decide anew where somebody else wrote meanwhile.

    Returns what was decided last, what was sent, and why not all of it if some was. Raises what deciding and
    sending raise while nothing was done.
    """
    sent = Sent()
    decision: Decision | None = None
    calls: list[Call] = []
    for turn in range(TRIES):
        try:
            decision, calls = decided()
            send(cluster, calls, actor=actor, sender=sender, sent=sent)
        except errors.Clash as clash:
            if turn + 1 < TRIES and sender.dry_run is False and _is_told(cluster, clash, calls, sent):
                continue
            return _ended(decision, sent, _conflict(cluster, calls, sent) or clash)
        except NotAwaiting as early:
            if turn + 1 < TRIES and _catches_up(cluster, early.key, actor):
                continue
            return _ended(decision, sent, early)
        except Refused as refused:
            return _ended(decision, sent, refused)
        return decision, sent, None
    raise AssertionError  # the last turn ends above


def _ended(decision: Decision | None, sent: Sent, why: Refused) -> tuple[Decision, Sent, Refused]:
    if decision is None or not sent.after:
        raise why
    return decision, sent, why


def _is_told(cluster: int, _clash: errors.Clash, calls: list[Call], sent: Sent) -> bool:
    """Wait until the mirror told what somebody else wrote of the object that clashed, and of ours."""
    stuck = next((call for call in calls if call.key not in sent.after), None)
    if stuck is None or not stuck.version:
        return False
    sent.await_echo(cluster)
    return _tells_since(cluster, stuck.key, stuck.version)


def _catches_up(cluster: int, key: Key, actor: str) -> bool:
    """Whether the server has another version of an object than its mirror told, which tells of it now."""
    before, (kind, namespace, name) = _version(cluster, key), key
    try:
        with _client(cluster, actor) as client:
            now = client.get(path_of(KINDS[kind], namespace, name))
    except Refused:
        return False
    return now["metadata"]["resourceVersion"] != before and _tells_since(cluster, key, before)


def _tells_since(cluster: int, key: Key, version: str) -> bool:
    """Wait until the mirror told another version of an object; say whether it did in that time."""
    until = time.monotonic() + settings.EVERYNODE_UPSTREAM_ECHO
    while _version(cluster, key) == version:
        if time.monotonic() > until:
            return False
        time.sleep(LOOK)
    return True


def _conflict(cluster: int, calls: list[Call], sent: Sent) -> Conflict | None:
    stuck = next((call for call in calls if call.key not in sent.after), None)
    if stuck is None or stuck.verb == "POST":
        return None
    standing = RowObjects(cluster).find(*stuck.key)
    return Conflict(KINDS[stuck.key[0]].resource, stuck.key[2], standing.manifest if standing else None)

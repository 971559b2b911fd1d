"""The verbs that write: each reads what a client sent and calls one service."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.http.response import HttpResponseBase

from controller.apiserver import negotiation
from controller.apiserver.call import Call, json_response, list_of
from controller.apiserver.selectors import selection_of
from controller.engine.admission.patching import json_patch, merge_patch
from controller.engine.admission.shape import cannot_handle, read
from controller.engine.admission.strategic import strategic_merge
from controller.engine.errors import BadRequest, Unprocessable, UnsupportedMediaType
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.queries.objects import Listing
from controller.services import clients
from controller.services.clients import Deletion, Named, Wish

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)
SECONDS = re.compile(r"-?[0-9]{1,9}", re.ASCII)
VALIDATIONS = ("", "Ignore", "Warn", "Strict")


def create(call: Call) -> HttpResponseBase:
    """Create an object in a collection."""
    sent, warnings = _sent(call)
    made = clients.client_create(
        cluster=call.cluster.pk, wish=wish_of(call), kind=call.kind.name, manifest=_placed(call, sent)
    )
    return json_response(call, made, status=HTTPStatus.CREATED, warnings=warnings)


def update(call: Call) -> HttpResponseBase:
    """Put an object in the place of the one of its name; without a resourceVersion unconditionally."""
    sent, warnings = _sent(call)
    wanted = _placed(call, sent)
    written = _change(call, lambda _standing: wanted)
    return json_response(call, written, warnings=warnings)


def patch(call: Call) -> HttpResponseBase:
    """Change an object by one of the four kinds of patches."""
    media = call.media_type
    if media == APPLY_PATCH:
        return _apply(call)
    if media not in PATCHES:
        raise UnsupportedMediaType(PATCHES)
    body = negotiation.parsed(call.raw)
    warnings: list[str] = []

    def patched(standing: Manifest) -> Manifest:
        made: Manifest = PATCHERS[media](call.kind.name, standing, body)
        warnings.extend(_judged(call, made))
        return made

    written = _change(call, patched)
    return json_response(call, written, warnings=warnings)


PATCHERS: dict[str, Callable[[str, Manifest, Any], Any]] = {
    JSON_PATCH: lambda _kind, standing, body: json_patch(standing, body),
    MERGE_PATCH: lambda _kind, standing, body: _map(merge_patch(standing, body)),
    STRATEGIC_PATCH: strategic_merge,
}


def _map(patched: Any) -> Manifest:  # noqa: ANN401 - any JSON
    if not isinstance(patched, dict):
        raise Unprocessable("the patched object is no map")
    return patched


def _apply(call: Call) -> HttpResponseBase:
    if not call.query.get("fieldManager"):
        raise BadRequest(
            "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value: is required for apply patch"
        )
    sent = negotiation.read(call.raw, negotiation.YAML)
    warnings = _judged(call, sent)
    wanted = _placed(call, sent)
    written, created = clients.client_apply(
        cluster=call.cluster.pk,
        wish=wish_of(call),
        named=named_of(call),
        wanted=wanted,
        force=call.flag("force"),
    )
    status = HTTPStatus.CREATED if created else HTTPStatus.OK
    return json_response(call, written, status=status, warnings=warnings)


def _change(call: Call, change: Callable[[Manifest], Manifest]) -> Manifest:
    def kept_in_place(standing: Manifest) -> Manifest:
        changed = change(standing)
        meta = changed.get("metadata")
        name = meta.get("name") if isinstance(meta, dict) else None
        if name != call.name:
            raise BadRequest(
                f"the name of the object ({name}) does not match the name on the URL ({call.name})"
            )
        return changed

    return clients.client_change(
        cluster=call.cluster.pk, wish=wish_of(call), named=named_of(call), change=kept_in_place
    )


def delete(call: Call) -> HttpResponseBase:
    """Delete an object: the answer is the object while it takes its time, else a Status."""
    left = clients.client_delete(
        cluster=call.cluster.pk, wish=wish_of(call), named=named_of(call), how=_deletion(call)
    )
    if left is not None:
        return json_response(call, left)
    details = {"name": call.name, "group": call.kind.group, "kind": call.kind.plural}
    return json_response(call, _success({key: value for key, value in details.items() if value}))


def delete_all(call: Call) -> HttpResponseBase:
    """Delete what the selectors choose from a collection."""
    listing = Listing(call.cluster.pk, selection_of(call))
    chosen = [Named(call.kind.name, *found.place) for found in listing]
    gone = clients.client_delete_all(
        cluster=call.cluster.pk, wish=wish_of(call), chosen=chosen, how=_deletion(call)
    )
    return json_response(call, list_of(call.kind, gone))


def evict(call: Call) -> HttpResponseBase:
    """Delete a pod as ``kubectl drain`` asks for it; there are no disruption budgets to hold it."""
    body = call.body()
    how = _deletion_of(body.get("deleteOptions") or {})
    clients.client_delete(cluster=call.cluster.pk, wish=wish_of(call), named=named_of(call), how=how)
    return json_response(call, _success(), status=HTTPStatus.CREATED)


def bind(call: Call) -> HttpResponseBase:
    """Bind a pod to the node that the body names."""
    target = call.body().get("target")
    node = target.get("name") if isinstance(target, dict) else None
    if not isinstance(node, str) or not node:
        raise BadRequest("Binding is invalid: target.name: Required value")
    clients.client_bind(cluster=call.cluster.pk, wish=wish_of(call), named=named_of(call), node=node)
    return json_response(call, _success(), status=HTTPStatus.CREATED)


def wish_of(call: Call) -> Wish:
    """Return how the client wants its write done. Raises BadRequest."""
    dry = call.query.getlist("dryRun")
    if any(value != "All" for value in dry):
        raise BadRequest(f'Invalid value: {dry}: dryRun: Unsupported value: supported values: "All"')
    manager = call.query.get("fieldManager") or call.agent or "unknown"
    return Wish(actor=call.caller.name, manager=manager[:128], agent=call.agent, dry_run=bool(dry))


def named_of(call: Call) -> Named:
    """Return which object the path names. Acts such as eviction are of the object itself."""
    part = call.subresource if call.subresource == "status" else ""
    return Named(call.kind.name, call.namespace, call.name, part)


def _sent(call: Call) -> tuple[Manifest, list[str]]:
    sent = call.body()
    return sent, _judged(call, sent)


def _judged(call: Call, sent: Manifest) -> list[str]:
    """Refuse or tell unknown fields, as the client asked. Raises BadRequest."""
    asked = call.query.get("fieldValidation", "")
    if asked not in VALIDATIONS:
        raise BadRequest(
            f'Invalid value: "{asked}": fieldValidation: supported values: "Ignore", "Warn", "Strict"'
        )
    kind = call.kind.name
    reading = read(kind, sent)
    if reading.wrong:
        raise BadRequest(cannot_handle(kind, "; ".join(reading.wrong)))
    told = [f'unknown field "{path}"' for path in reading.unknown if path != "metadata.clusterName"]
    if told and asked == "Strict":
        raise BadRequest(cannot_handle(kind, f"strict decoding error: {', '.join(told)}"))
    return [] if asked == "Ignore" else told


def _placed(call: Call, sent: Manifest) -> Manifest:
    """Return the object in the namespace and under the name of the path. Raises BadRequest if it differs."""
    kind = KINDS[call.kind.name]
    for field, wanted in (("apiVersion", kind.api_version), ("kind", kind.name)):
        said = sent.get(field) or wanted
        if said != wanted:
            raise BadRequest(f"the object provided is unrecognized: {field} is {said!r}, expected {wanted!r}")
    meta = sent.get("metadata") or {}
    if call.namespace and meta.get("namespace") not in {None, "", call.namespace}:
        raise BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if call.name and meta.get("name") not in {None, "", call.name}:
        raise BadRequest(
            f"the name of the object ({meta['name']}) does not match the name on the URL ({call.name})"
        )
    place = {"namespace": call.namespace} if call.namespace else {}
    named = {"name": call.name} if call.name else {}
    return {**sent, "apiVersion": kind.api_version, "kind": kind.name, "metadata": {**meta, **place, **named}}


def _deletion(call: Call) -> Deletion:
    body = call.body() if call.raw.strip() else {}
    asked: dict[str, Any] = {}
    if policy := call.query.get("propagationPolicy"):
        asked["propagationPolicy"] = policy
    if (grace := call.query.get("gracePeriodSeconds")) is not None:
        asked["gracePeriodSeconds"] = int(grace) if SECONDS.fullmatch(grace) else grace
    return _deletion_of({**asked, **body})


def _deletion_of(options: object) -> Deletion:
    """Read DeleteOptions. Raises BadRequest."""
    if not isinstance(options, dict):
        raise BadRequest("DeleteOptions must be a map")
    grace, conditions = options.get("gracePeriodSeconds"), options.get("preconditions") or {}
    policy = options.get("propagationPolicy")
    if policy is None and "orphanDependents" in options:
        policy = "Orphan" if options["orphanDependents"] else "Background"
    facts: Sequence[tuple[str, object, type]] = (
        ("gracePeriodSeconds", grace, int),
        ("propagationPolicy", policy, str),
        ("preconditions", conditions, dict),
    )
    for name, value, kind in facts:
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise BadRequest(f"DeleteOptions.{name} must be {kind.__name__}, not {value!r}")
    uid, version = conditions.get("uid") or "", conditions.get("resourceVersion") or ""
    return Deletion(str(policy or "Background"), grace, str(uid), str(version))


def _success(details: Manifest | None = None) -> Manifest:
    told = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return {**told, "details": details} if details else told

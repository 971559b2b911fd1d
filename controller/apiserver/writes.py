"""The verbs that write: each reads what a client sent and submits one request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from django.http.response import HttpResponseBase

from controller.apiserver import conversion, negotiation
from controller.apiserver.call import Call, json_response, list_of
from controller.apiserver.selectors import selection_of
from controller.engine.admission.reading import FieldValidation
from controller.engine.edits.decide import Request
from controller.engine.edits.deletion import Delete, DeleteAll, Options
from controller.engine.edits.draft import Client
from controller.engine.edits.eviction import Evict
from controller.engine.edits.objects import Apply, Bind, Create, Patch, PatchType, Replace
from controller.engine.edits.scale import PatchScale, ReplaceScale, scale_of
from controller.engine.errors import BadRequest, UnsupportedMediaType
from controller.engine.objects import Key, Manifest
from controller.queries import objects
from controller.queries.objects import Listing
from controller.services.api_objects import Answer, client_submit

PATCHES = {
    "application/json-patch+json": PatchType.JSON,
    "application/merge-patch+json": PatchType.MERGE,
    "application/strategic-merge-patch+json": PatchType.STRATEGIC,
}
RETURNED = frozenset(
    {
        "Namespace",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Pod",
        "ResourceQuota",
        "Service",
        "ServiceAccount",
    }
)
"""The kinds of which a deletion answers with the object as it was."""
APPLY_PATCH = "application/apply-patch+yaml"
PARTS = frozenset({"status", "ephemeralcontainers", "resize"})
"""The subresources that are a part of the object, which is what is sent and answered."""
SECONDS = re.compile(r"-?[0-9]{1,9}", re.ASCII)


def create(call: Call) -> HttpResponseBase:
    """Create an object in a collection."""
    sent = call.body()
    conversion.check(call.group, sent)
    return _written(call, Create(call.kind.name, _placed(call, sent)))


def update(call: Call) -> HttpResponseBase:
    """Put an object in the place of the one of its name; without a resourceVersion unconditionally."""
    return _written(call, Replace(key_of(call), _placed(call, call.body()), _part(call)))


def patch(call: Call) -> HttpResponseBase:
    """Change an object by one of the four kinds of patches."""
    media = call.media_type
    if media == APPLY_PATCH:
        return _apply(call)
    if media not in PATCHES:
        raise UnsupportedMediaType((*PATCHES, APPLY_PATCH))
    body = conversion.patch_from_group(call.group, negotiation.parsed(call.raw))
    return _written(call, Patch(key_of(call), PATCHES[media], body, _part(call)))


def _apply(call: Call) -> HttpResponseBase:
    if not call.query.get("fieldManager"):
        raise BadRequest(
            "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value: is required for apply patch"
        )
    wanted = _placed(call, negotiation.read(call.raw, negotiation.YAML))
    return _written(call, Apply(key_of(call), wanted, _part(call), call.flag("force")))


def _written(call: Call, request: Request) -> HttpResponseBase:
    answer = _submit(call, request)
    status = HTTPStatus.CREATED if answer.created else HTTPStatus.OK
    shown = conversion.in_group(call.group, answer.object)
    return json_response(call, shown, status=status, warnings=answer.warnings)


def get_scale(call: Call) -> HttpResponseBase:
    """Answer with how many pods a workload asks for."""
    cluster, kind = call.cluster.pk, call.kind.name
    text = objects.one(cluster=cluster, kind=kind, namespace=call.namespace, name=call.name)
    return json_response(call, scale_of(orjson.loads(text)))


def update_scale(call: Call) -> HttpResponseBase:
    """Write how many pods a workload asks for."""
    return _scaled(call, ReplaceScale(key_of(call), call.body()))


def patch_scale(call: Call) -> HttpResponseBase:
    """Change by a patch how many pods a workload asks for; what is applied is merged."""
    if call.media_type not in {*PATCHES, APPLY_PATCH}:
        raise UnsupportedMediaType((*PATCHES, APPLY_PATCH))
    type_ = PATCHES.get(call.media_type, PatchType.MERGE)
    return _scaled(call, PatchScale(key_of(call), type_, negotiation.parsed(call.raw)))


def _scaled(call: Call, request: Request) -> HttpResponseBase:
    answer = _submit(call, request)
    return json_response(call, scale_of(answer.object), warnings=answer.warnings)


def delete(call: Call) -> HttpResponseBase:
    """Delete an object: the answer is the object while it takes its time, and of some kinds always.

    Of others it is a Status, which names what went, so that nobody waits for another of the same name.
    """
    asked = _deletion(call)
    answer = _submit(call, Delete(key_of(call), _options_of(asked)), asked)
    if not answer.deleted or call.kind.name in RETURNED:
        return json_response(call, conversion.in_group(call.group, answer.object))
    details = {
        "name": call.name,
        "group": call.group,
        "kind": call.kind.plural,
        "uid": answer.object["metadata"]["uid"],
    }
    return json_response(call, _success({key: value for key, value in details.items() if value}))


def delete_all(call: Call) -> HttpResponseBase:
    """Delete what the selectors choose from a collection."""
    listing = Listing(call.cluster.pk, selection_of(call))
    chosen: list[Key] = [(call.kind.name, *found.place) for found in listing]
    asked = _deletion(call)
    gone = _submit(call, DeleteAll(chosen, _options_of(asked)), asked).objects
    return json_response(call, list_of(call.kind, gone))


def evict(call: Call) -> HttpResponseBase:
    """Delete a pod as ``kubectl drain`` asks for it, if its disruption budget allows that."""
    options = call.body().get("deleteOptions") or {}
    _submit(call, Evict(key_of(call), _options_of(options)), options)
    return json_response(call, _success(), status=HTTPStatus.CREATED)


def bind(call: Call) -> HttpResponseBase:
    """Bind a pod to the node that the body names."""
    target = call.body().get("target")
    node = target.get("name") if isinstance(target, dict) else None
    if not isinstance(node, str) or not node:
        raise BadRequest("Binding is invalid: target.name: Required value")
    _submit(call, Bind(key_of(call), node))
    return json_response(call, _success(), status=HTTPStatus.CREATED)


def _submit(call: Call, request: Request, options: Manifest | None = None) -> Answer:
    client = client_of(call, options or {})
    return client_submit(cluster=call.cluster.pk, actor=call.caller.actor, client=client, request=request)


def client_of(call: Call, options: Manifest | None = None) -> Client:
    """Return how the client wants its write done: of a deletion its options may say so. Raises BadRequest."""
    asked = (options or {}).get("dryRun") or []
    dry = [*call.query.getlist("dryRun"), *(asked if isinstance(asked, list) else [asked])]
    if any(value != "All" for value in dry):
        raise BadRequest(f'Invalid value: {dry}: dryRun: Unsupported value: supported values: "All"')
    manager = call.query.get("fieldManager") or call.agent or "unknown"
    return Client(manager[:128], call.agent, _validation(call), dry_run=bool(dry))


def _validation(call: Call) -> FieldValidation:
    asked = call.query.get("fieldValidation") or FieldValidation.WARN
    if asked not in set(FieldValidation):
        known = ", ".join(f'"{one}"' for one in FieldValidation)
        raise BadRequest(f'Invalid value: "{asked}": fieldValidation: supported values: {known}')
    return FieldValidation(asked)


def key_of(call: Call) -> Key:
    """Return which object the path names."""
    return (call.kind.name, call.namespace, call.name)


def _part(call: Call) -> str:
    """Return the part of the object that is written; acts such as eviction are of the object itself."""
    return call.subresource if call.subresource in PARTS else ""


def _placed(call: Call, sent: Manifest) -> Manifest:
    """Return the object in the namespace and under the name of the path. Raises BadRequest if it differs."""
    api_version = f"{call.group}/{call.version}" if call.group else call.version
    for field, wanted in (("apiVersion", api_version), ("kind", call.kind.name)):
        said = sent.get(field) or wanted
        if said != wanted:
            raise BadRequest(f"the object provided is unrecognized: {field} is {said!r}, expected {wanted!r}")
    typed = {**sent, "apiVersion": api_version, "kind": call.kind.name}
    named = conversion.from_group(call.group, typed)
    meta = sent.get("metadata") or {}
    if not isinstance(meta, dict):
        return named  # admission says what is wrong with it
    if call.namespace and (meta.get("namespace") or call.namespace) != call.namespace:
        raise BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if call.name and (meta.get("name") or call.name) != call.name:
        raise BadRequest(
            f"the name of the object ({meta['name']}) does not match the name on the URL ({call.name})"
        )
    place = {"namespace": call.namespace, "name": call.name}
    return {**named, "metadata": {**meta, **{key: value for key, value in place.items() if value}}}


def _deletion(call: Call) -> Manifest:
    """Return the DeleteOptions of a request, from its address and its body."""
    body = call.body() if call.raw.strip() else {}
    asked: dict[str, Any] = {}
    if policy := call.query.get("propagationPolicy"):
        asked["propagationPolicy"] = policy
    if (grace := call.query.get("gracePeriodSeconds")) is not None:
        asked["gracePeriodSeconds"] = int(grace) if SECONDS.fullmatch(grace) else grace
    return {**asked, **body}


def _options_of(options: object) -> Options:
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
    return Options(str(policy or ""), grace, str(uid), str(version))


def _success(details: Manifest | None = None) -> Manifest:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return {**status, "details": details} if details else status

"""Deletion, in one place for pages and clients: policies, grace, finalizers, conditions, namespaces.

An object that nothing holds goes at once. One that finalizers or a kubelet hold is marked, and goes
when they let go of it: see ``Draft.replace``, the garbage collector and the kubelet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.engine.changes import Verb
from controller.engine.deletion import FOREGROUND, ORPHAN, being_deleted, delete_pod
from controller.engine.edits.draft import Draft
from controller.engine.edits.reading import Found
from controller.engine.errors import BadRequest, Conflict, Forbidden
from controller.engine.kinds import KINDS
from controller.engine.namespaces import NAMESPACE, goings, is_terminating, leaving
from controller.engine.newpod import PRIORITY_CLASS, PRIORITY_CLASSES
from controller.engine.objects import Key, Manifest, Pod, View
from controller.engine.reasons import Reason
from controller.engine.views import view_of

POLICIES = {"Background": (), "Foreground": (FOREGROUND,), "Orphan": (ORPHAN,)}
"""The finalizers that each propagation policy sets, for the garbage collector to carry out."""

BORN_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
"""The namespaces that every cluster is born with, and that cannot be deleted."""


@dataclass(frozen=True, slots=True)
class Options:
    """How something is deleted.

    ``propagation`` says what becomes of dependants; "": what finalizers that stand there already say.
    ``grace`` is how many seconds a pod has to stop, None for those of its spec; 0 is by force. ``uid``
    and ``version`` are conditions: of another object nothing is deleted.
    """

    propagation: str = ""
    grace: int | None = None
    uid: str = ""
    version: str = ""

    def check(self) -> None:
        """Raise BadRequest for options that do not exist."""
        if self.propagation and self.propagation not in POLICIES:
            known = ", ".join(POLICIES)
            raise BadRequest(f"propagationPolicy must be one of {known}, not {self.propagation!r}")
        if self.grace is not None and self.grace < 0:
            raise BadRequest("gracePeriodSeconds must not be negative")


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete an object. The result is the object if it takes time to go, else the change that it is gone.

    Raises NotFound, Conflict (a condition does not hold), Forbidden (a namespace or a PriorityClass that
    was there from the beginning), BadRequest.
    """

    key: Key
    options: Options = Options()

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        self.options.check()
        delete(draft, draft.standing(*self.key), self.options)
        gone = (change for change in reversed(draft.changes) if change.key == self.key)
        draft.results.append(draft.find(*self.key) or next(gone))


@dataclass(frozen=True, slots=True)
class DeleteAll:
    """Delete many objects. One that is gone meanwhile is left out; the results are the rest as they stood."""

    keys: Sequence[Key]
    options: Options = Options()

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        self.options.check()
        for key in self.keys:
            found = draft.find(*key)
            if found:
                delete(draft, found, self.options)
                draft.results.append(found)


def about_of(key: Key) -> str:
    """Return how an object is named in the audit list."""
    kind, namespace, name = key
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def delete(draft: Draft, found: Found, options: Options) -> None:
    """Delete one object by the rules of its kind, and tell it."""
    kind = found.key[0]
    if kind == "Pod":
        end_pod(draft, found, options, Reason.DELETED)
    else:
        _check_conditions(found, options)
        if kind == PRIORITY_CLASS and found.key[2] in PRIORITY_CLASSES:
            said = "this is a system priority class and cannot be deleted"
            raise Forbidden(f'{KINDS[kind].resource} "{found.key[2]}" is forbidden: {said}')
        if kind == NAMESPACE:
            _leave(draft, found)
        else:
            _delete(draft, found, options.propagation)
    tell_deletion(draft, "object_delete", found, options)


def tell_deletion(draft: Draft, action: str, found: Found, options: Options) -> None:
    """Tell that an object is deleted, by the action that it is in the audit list."""
    facts = {"propagation": options.propagation, "force": options.grace == 0}
    draft.note(action, about_of(found.key), **{key: value for key, value in facts.items() if value})


def _check_conditions(found: Found, options: Options) -> None:
    kind, _namespace, name = found.key
    meta = found.manifest["metadata"]
    if (options.uid or meta["uid"], options.version or meta.get("resourceVersion")) != (
        meta["uid"],
        meta.get("resourceVersion"),
    ):
        raise Conflict(KINDS[kind].resource, name, found.manifest)


def end_pod(draft: Draft, found: Found, options: Options, reason: Reason) -> None:
    """Stop a pod that a kubelet runs, by its grace period or a shorter one; any other goes at once."""
    _check_conditions(found, options)
    grace = options.grace
    pod, actor = Pod.read(found.manifest, found.timers), draft.context.actor
    if grace == 0 or not pod.bound or pod.finished:
        _delete(draft, found, "", reason=Reason.DELETED_BY_FORCE if grace == 0 else reason)
        return
    if pod.terminating and (grace is None or grace >= _granted(found.manifest)):
        return
    settings = draft.context.settings
    stopping = delete_pod(pod, draft.moment, settings, actor=actor, reason=reason, grace=grace)
    stop = min(stopping.timers["stop"], pod.timers.get("stop", stopping.timers["stop"]))
    draft.decide(replace(stopping, timers={**stopping.timers, "stop": stop}))


def _granted(manifest: Manifest) -> int:
    granted: int = manifest["metadata"].get("deletionGracePeriodSeconds") or 0
    return granted


def _delete(draft: Draft, found: Found, propagation: str, *, reason: Reason = Reason.DELETED) -> None:
    """Remove an object, or mark it for those who hold it by finalizers."""
    meta = found.manifest["metadata"]
    finalizers = _finalizers(meta, propagation)
    if not finalizers:
        draft.put(Verb.DELETED, found, reason)
        return
    leaving = being_deleted(found.manifest, draft.moment, grace=0)
    leaving["metadata"]["finalizers"] = finalizers
    if "generation" in meta and "deletionTimestamp" not in meta:
        leaving["metadata"]["generation"] += 1
    if leaving != found.manifest:
        draft.put(Verb.MODIFIED, found, Reason.DELETION_BEGUN, leaving)


def _finalizers(meta: Manifest, propagation: str) -> list[str]:
    standing: list[str] = meta.get("finalizers") or []
    if not propagation:
        return standing
    return [*(one for one in standing if one not in {FOREGROUND, ORPHAN}), *POLICIES[propagation]]


def _leave(draft: Draft, found: Found) -> None:
    """Delete a namespace and what is in it as far as that goes at once; the controller sees to the rest."""
    name, context = found.key[2], draft.context
    if name in BORN_NAMESPACES:
        raise Forbidden(f'namespaces "{name}" is forbidden: this namespace may not be deleted')
    content: list[View] = []
    for one in draft.objects.in_namespace(name):
        held = draft.find(*one.key)  # the same request may have seen to it already
        if held is None:
            continue
        if held.key[0] == "Event":
            draft.put(Verb.DELETED, held, Reason.NAMESPACE_DELETED)
        else:
            content.append(view_of(held.key[0], held.manifest, held.timers))
    changes = goings(content, draft.moment, context.settings, actor=context.actor)
    for change in changes:
        draft.decide(change)
    is_empty = sum(change.verb is Verb.DELETED for change in changes) == len(content)
    if is_empty and not found.manifest["metadata"].get("finalizers"):
        draft.put(Verb.DELETED, found, Reason.DELETED)
    elif not is_terminating(found.manifest):
        draft.put(Verb.MODIFIED, found, Reason.DELETION_BEGUN, leaving(found.manifest, draft.moment))

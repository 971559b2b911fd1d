"""What people do to a DaemonSet by name: image, restart, pause, strategy, rollback, trouble."""

from __future__ import annotations

from collections.abc import Callable

from controller import manifests
from controller.engine.errors import BadRequest, NotFound
from controller.engine.objects import PAUSED_ANNOTATION, Manifest, Revision
from controller.services.edits import editing
from controller.services.nodes import with_meta
from controller.services.pods import behaving
from controller.store import rows

RESTARTED = "kubectl.kubernetes.io/restartedAt"
Change = Callable[[Manifest], Manifest]


def daemonset_edit(
    *, cluster: int, actor: str, namespace: str, name: str, text: str, seen: str | None
) -> None:
    """Write a set anew from YAML text. ``seen``: the resourceVersion the text was made from.

    Raises BadRequest unless the text holds that set and nothing else; NotFound, Conflict, Invalid.
    """
    documents = manifests.read_documents(text)
    wanted = f"DaemonSet {namespace}/{name}"
    if len(documents) != 1:
        raise BadRequest(f"The text must hold {wanted} and nothing else; it holds {len(documents)} objects.")
    manifest, kind = documents[0].manifest, documents[0].kind
    meta = manifest["metadata"]
    if (kind, meta.get("namespace") or "default", meta.get("name")) != ("DaemonSet", namespace, name):
        raise BadRequest(f"The text must hold {wanted}: kind, namespace and name cannot be changed.")
    _change(cluster, actor, (namespace, name), lambda _: manifest, ("daemonset_edit", "edited"), seen=seen)


def daemonset_image(
    *, cluster: int, actor: str, namespace: str, name: str, container: str, image: str
) -> None:
    """Set the image of one container, an init container included. Raises NotFound, Invalid."""

    def changed(manifest: Manifest) -> Manifest:
        spec = manifest["spec"]["template"]["spec"]
        lists = {part: spec[part] for part in ("containers", "initContainers") if spec.get(part)}
        if not any(one["name"] == container for many in lists.values() for one in many):
            raise NotFound("containers", container)
        news = {
            part: [{**one, "image": image} if one["name"] == container else one for one in many]
            for part, many in lists.items()
        }
        return _with_template(manifest, spec={**spec, **news})

    words = ("daemonset_image", f"image of {container} set to {image}")
    _change(cluster, actor, (namespace, name), changed, words, container=container)


def daemonset_restart(*, cluster: int, actor: str, namespace: str, name: str) -> None:
    """Let every pod be replaced, the way ``kubectl rollout restart`` does. Raises NotFound."""
    with editing(cluster=cluster, actor=actor) as edit:
        stored = edit.opened.standing("DaemonSet", namespace, name)
        template = stored.manifest["spec"]["template"]
        annotations = (template.get("metadata") or {}).get("annotations") or {}
        marked = with_meta(template, annotations={**annotations, RESTARTED: edit.opened.now.isoformat()})
        edit.replace(stored, _with_template(stored.manifest, **marked), reason="restarted")
        edit.note("daemonset_restart", f"{namespace}/{name}")


def daemonset_pause(*, cluster: int, actor: str, namespace: str, name: str, paused: bool) -> None:
    """Pause a rollout or let it go on. Missing pods are created meanwhile. Raises NotFound."""

    def changed(manifest: Manifest) -> Manifest:
        annotations = dict(manifest["metadata"].get("annotations") or {})
        annotations.pop(PAUSED_ANNOTATION, None)
        if paused:
            annotations[PAUSED_ANNOTATION] = "true"
        return with_meta(manifest, annotations=annotations)

    words = ("daemonset_pause", "rollout paused") if paused else ("daemonset_resume", "rollout resumed")
    _change(cluster, actor, (namespace, name), changed, words)


def daemonset_strategy(
    *,
    cluster: int,
    actor: str,
    namespace: str,
    name: str,
    strategy: str,
    max_unavailable: int | str,
    max_surge: int | str,
    min_ready_seconds: int,
) -> None:
    """Set how pods are replaced. The two bounds are numbers or percentages, unused by OnDelete.

    Raises NotFound, Invalid.
    """
    rolling = {"maxUnavailable": max_unavailable, "maxSurge": max_surge}
    update = {"type": strategy, **({} if strategy == "OnDelete" else {"rollingUpdate": rolling})}

    def changed(manifest: Manifest) -> Manifest:
        spec = {**manifest["spec"], "updateStrategy": update, "minReadySeconds": min_ready_seconds}
        return {**manifest, "spec": spec}

    _change(cluster, actor, (namespace, name), changed, ("daemonset_strategy", f"strategy set to {strategy}"))


def daemonset_rollback(*, cluster: int, actor: str, namespace: str, name: str, revision: int) -> None:
    """Write the template of an old revision back. Raises NotFound (the set or the revision)."""

    def changed(manifest: Manifest) -> Manifest:
        uid = manifest["metadata"]["uid"]
        old = [Revision.read(one) for one in rows.revisions(cluster, uid) if one["revision"] == revision]
        if not old:
            raise NotFound("revisions", str(revision))
        return {**manifest, "spec": {**manifest["spec"], "template": old[0].template}}

    words = ("daemonset_rollback", f"rolled back to revision {revision}")
    _change(cluster, actor, (namespace, name), changed, words, revision=revision)


def daemonset_trouble(*, cluster: int, actor: str, namespace: str, name: str, behaviour: str | None) -> None:
    """Let the pods of a set behave in a certain way from the next rollout on. Raises NotFound."""

    def changed(manifest: Manifest) -> Manifest:
        return _with_template(manifest, **behaving(manifest["spec"]["template"], behaviour))

    words = ("daemonset_trouble", f"behaviour set to {behaviour or 'none'}")
    _change(cluster, actor, (namespace, name), changed, words, behaviour=behaviour or "")


def _with_template(manifest: Manifest, **parts: object) -> Manifest:
    spec = manifest["spec"]
    return {**manifest, "spec": {**spec, "template": {**spec["template"], **parts}}}


def _change(
    cluster: int,
    actor: str,
    place: tuple[str, str],
    change: Change,
    words: tuple[str, str],
    *,
    seen: str | None = None,
    **facts: object,
) -> None:
    """Change the set at ``place``. ``words``: the action, and what was done in words."""
    action, done = words
    name = "/".join(place)
    with editing(cluster=cluster, actor=actor) as edit:
        stored = edit.opened.standing("DaemonSet", *place, seen=seen)
        if made := edit.replace(stored, change(stored.manifest), reason=done):
            edit.note_changes(action, name, stored, made, **facts)

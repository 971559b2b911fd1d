"""Single pods: delete them, make them misbehave, and kill what runs in them."""

from __future__ import annotations

from controller.engine.changes import Verb
from controller.engine.cluster.restart import killed
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest, Pod
from controller.services.edits import editing
from controller.services.nodes import with_meta
from controller.services.objects import object_delete
from controller.store.rows import Stored


def pod_delete(*, cluster: int, actor: str, namespace: str, name: str, force: bool = False) -> None:
    """Delete a pod: within its grace period, or at once by ``force``. Raises NotFound."""
    object_delete(cluster=cluster, actor=actor, kind="Pod", namespace=namespace, name=name, force=force)


def pod_trouble(*, cluster: int, actor: str, namespace: str, name: str, behaviour: str | None) -> None:
    """Let a live pod behave in a certain way at once; None: as it would by itself. Raises NotFound."""
    with editing(cluster=cluster, actor=actor) as edit:
        stored = edit.opened.standing("Pod", namespace, name)
        if edit.replace(stored, behaving(stored.manifest, behaviour), reason="behaviour set"):
            edit.note("pod_trouble", f"{namespace}/{name}", behaviour=behaviour or "")


def pod_kill(*, cluster: int, actor: str, namespace: str, name: str, container: str, signal: int) -> None:
    """Send a signal to the first process of a container: it ends, and is started again.

    One that does not run is left alone. Raises NotFound.
    """
    with editing(cluster=cluster, actor=actor) as edit:
        stored = edit.opened.standing("Pod", namespace, name)
        after = killed(Pod.read(stored.manifest, stored.timers), container, edit.moment, signal)
        if after:
            edit.put(Verb.MODIFIED, Stored("Pod", *after), f"container {container} got signal {signal}")
            edit.note("pod_kill", f"{namespace}/{name}", container=container, signal=signal)


def behaving(manifest: Manifest, behaviour: str | None) -> Manifest:
    """Return a pod, or a pod template, whose simulated containers behave in a certain way."""
    annotations = dict((manifest.get("metadata") or {}).get("annotations") or {})
    annotations.pop(BEHAVIOUR_ANNOTATION, None)
    if behaviour:
        annotations[BEHAVIOUR_ANNOTATION] = behaviour
    return with_meta({**manifest, "metadata": manifest.get("metadata") or {}}, annotations=annotations)

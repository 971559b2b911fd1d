"""Single pods: delete them, make them misbehave, and kill what runs in them."""

from __future__ import annotations

from controller.engine.edits.deletion import Delete, Options
from controller.engine.edits.pods import ExitContainer, KillContainer, SetPodBehaviour
from controller.services.edits import submit


def pod_delete(
    *, cluster: int, actor: str, namespace: str, name: str, force: bool = False, uid: str = ""
) -> None:
    """Delete a pod: within its grace period, or at once by ``force``; with a ``uid`` only the pod with it.

    Raises NotFound, Conflict.
    """
    request = Delete(("Pod", namespace, name), Options(grace=0 if force else None, uid=uid))
    submit(request, cluster=cluster, actor=actor)


def pod_behaviour(
    *,
    cluster: int,
    actor: str,
    namespace: str,
    name: str,
    behaviour: str | None,
    seen: str | None = None,
) -> None:
    """Let a live pod behave in a certain way at once; None: by itself. Raises NotFound, Conflict."""
    request = SetPodBehaviour(("Pod", namespace, name), behaviour or "", seen or "")
    submit(request, cluster=cluster, actor=actor)


def pod_kill(*, cluster: int, actor: str, namespace: str, name: str, container: str, signal: int) -> None:
    """Send a signal to the first process of a container: it ends, and is started again.

    One that does not run is left alone. Raises NotFound.
    """
    submit(KillContainer(("Pod", namespace, name), container, signal), cluster=cluster, actor=actor)


def pod_exit(*, cluster: int, actor: str, namespace: str, name: str, container: str, code: int) -> None:
    """End a container whose program came to its end with a code, because whoever is attached ended it.

    One that does not run, or whose pod is gone, is left alone.
    """
    submit(ExitContainer(("Pod", namespace, name), container, code), cluster=cluster, actor=actor)

"""What people do to a workload of any kind: image, restart, pause, scale, rollback, behaviour.

``seen`` is always the resourceVersion that the page or form was made from: if people changed the workload
since, the edit is refused with a Conflict that knows both sides. Status alone is no such change.
"""

from __future__ import annotations

from controller.engine.edits import workloads
from controller.engine.edits.cronjobs import RunNow
from controller.engine.edits.scale import ReplaceScale
from controller.engine.objects import Key
from controller.engine.views import CronJob
from controller.services.edits import submit


def workload_image(
    *,
    cluster: int,
    actor: str,
    kind: str,
    namespace: str,
    name: str,
    container: str,
    image: str,
    seen: str | None = None,
) -> None:
    """Set the image of one container, an init container included. Raises NotFound, Conflict, Invalid."""
    request = workloads.SetImage((kind, namespace, name), container, image, seen or "")
    submit(request, cluster=cluster, actor=actor)


def workload_restart(
    *, cluster: int, actor: str, kind: str, namespace: str, name: str, seen: str | None = None
) -> None:
    """Let every pod be replaced, the way ``kubectl rollout restart`` does. Raises NotFound, Conflict."""
    submit(workloads.Restart((kind, namespace, name), seen or ""), cluster=cluster, actor=actor)


def workload_pause(
    *, cluster: int, actor: str, kind: str, namespace: str, name: str, paused: bool, seen: str | None = None
) -> None:
    """Let a Deployment's rollout, a Job or a CronJob stand still, or go on.

    Raises NotFound, Conflict, BadRequest (another kind).
    """
    request = workloads.Pause((kind, namespace, name), paused, seen or "")
    submit(request, cluster=cluster, actor=actor)


def cronjob_run(*, cluster: int, actor: str, namespace: str, name: str) -> Key:
    """Create a Job of a CronJob at once; return which. Raises NotFound, Forbidden, Invalid."""
    (made,) = submit(RunNow((CronJob.KIND, namespace, name)), cluster=cluster, actor=actor).results
    return made.key


def workload_scale(
    *, cluster: int, actor: str, kind: str, namespace: str, name: str, replicas: int, seen: str | None = None
) -> None:
    """Ask a workload for so many pods. Raises NotFound, Conflict, Invalid.

    As for clients any other version than ``seen`` is a Conflict, also one of the status.
    """
    meta = {"resourceVersion": seen} if seen else {}
    request = ReplaceScale((kind, namespace, name), {"metadata": meta, "spec": {"replicas": replicas}})
    submit(request, cluster=cluster, actor=actor)


def workload_rollback(
    *,
    cluster: int,
    actor: str,
    kind: str,
    namespace: str,
    name: str,
    revision: int,
    seen: str | None = None,
) -> None:
    """Write the template of an old revision back. Raises NotFound (it or the revision), Conflict."""
    request = workloads.Rollback((kind, namespace, name), revision, seen or "")
    submit(request, cluster=cluster, actor=actor)


def workload_behaviour(
    *,
    cluster: int,
    actor: str,
    kind: str,
    namespace: str,
    name: str,
    behaviour: str | None,
    seen: str | None = None,
) -> None:
    """Let pods that are made from now on behave in a certain way. Raises NotFound, Conflict."""
    request = workloads.SetBehaviour((kind, namespace, name), behaviour or "", seen or "")
    submit(request, cluster=cluster, actor=actor)

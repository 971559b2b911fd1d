"""Programs that clients start in containers: what is asked for, and what cannot be had.

A program talks over a WebSocket (``sockets``), as kubectl 1.30 and newer do. Older ones ask for SPDY,
which comes as a plain request; so does everybody whose socket was refused, to be told why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from django.http.response import HttpResponseBase

from controller.apiserver.call import Call
from controller.apiserver.logs import unreachable
from controller.engine.admission.field_errors import required
from controller.engine.container.environment import Environment, environment_of
from controller.engine.container.logs import all_statuses, container_of, run_of
from controller.engine.container.scripts import argv_of, script_of
from controller.engine.container.vantage import Vantage
from controller.engine.errors import BadRequest, Invalid
from controller.engine.objects import Manifest
from controller.queries.containers import PodSeen, config_sources_of, pod_seen
from controller.queries.reach import vantage_of

SHELL = ("sh",)


class Streams(NamedTuple):
    """Which streams of a program are open."""

    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool


class Place(TypedDict):
    """Which container somebody does something to."""

    cluster: int
    actor: str
    namespace: str
    name: str
    container: str


@dataclass(frozen=True, slots=True)
class Exec:
    """A program that somebody starts in the ``run``-th life of a container.

    Of its three streams those are open that were asked for; with a ``tty`` errors go with the rest.
    """

    cluster: int
    actor: str
    namespace: str
    pod: str
    uid: str
    container: str
    run: int
    environment: Environment
    argv: Sequence[str]
    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool
    attached: bool = False
    """Whether it is the container's own program that somebody comes to: with its end the container ends."""

    @property
    def place(self) -> Place:
        """Return which container it is in, and who started it, as the services of pods take it."""
        return Place(
            cluster=self.cluster,
            actor=self.actor,
            namespace=self.namespace,
            name=self.pod,
            container=self.container,
        )

    def lives(self) -> bool:
        """Look whether the container still lives that the program is in. Raises NotFound."""
        seen = pod_seen(cluster=self.cluster, namespace=self.namespace, name=self.pod)
        number = _running(seen.pod, self.container)
        return seen.pod["metadata"]["uid"] == self.uid and number == self.run

    def vantage(self) -> Vantage:
        """Return the network as the pod sees it now. Raises NotFound."""
        return vantage_of(cluster=self.cluster, namespace=self.namespace, pod=self.pod)


def exec_of(call: Call) -> Exec:
    """Return the program that a client asks for. Raises BadRequest, Invalid, NotFound, Unreachable."""
    seen = pod_seen(cluster=call.cluster.pk, namespace=call.namespace, name=call.name)
    container = _reached(seen, call.query.get("container", ""))
    argv = call.query.getlist("command")
    if not argv:
        raise Invalid("PodExecOptions", call.name, [required("command")])
    streams = Streams(*(call.flag(name) for name in Streams._fields))
    if not (streams.stdin or streams.stdout or streams.stderr):
        raise BadRequest("you must specify at least 1 of stdin, stdout, stderr")
    return _exec(_place(call, container), seen, argv, streams)


def shell_of(place: Place) -> Exec:
    """Return a shell with a terminal, as a page opens it; a pod's only container needs no name.

    Raises BadRequest, NotFound, Unreachable.
    """
    seen = pod_seen(cluster=place["cluster"], namespace=place["namespace"], name=place["name"])
    place["container"] = _reached(seen, place["container"])["name"]
    return _exec(place, seen, SHELL, Streams(stdin=True, stdout=True, stderr=True, tty=True))


def _place(call: Call, container: Manifest) -> Place:
    return Place(
        cluster=call.cluster.pk,
        actor=call.caller.actor,
        namespace=call.namespace,
        name=call.name,
        container=container["name"],
    )


def _exec(place: Place, seen: PodSeen, argv: Sequence[str], streams: Streams) -> Exec:
    container = container_of(seen.pod, place["container"])
    run = _running(seen.pod, place["container"])
    if run is None:
        raise BadRequest(f'unable to upgrade connection: container not found ("{place["container"]}")')
    sources = config_sources_of(cluster=place["cluster"], pod=seen.pod)
    return Exec(
        cluster=place["cluster"],
        actor=place["actor"],
        namespace=place["namespace"],
        pod=place["name"],
        uid=seen.pod["metadata"]["uid"],
        container=place["container"],
        run=run,
        environment=environment_of(seen.pod, container, seen.node, sources),
        argv=argv,
        **streams._asdict(),
    )


def attach_of(call: Call) -> tuple[Exec, bool]:
    """Return the program of a container that a client attaches to, and whether it reads what is typed.

    Raises BadRequest, NotFound, Unreachable.
    """
    seen = pod_seen(cluster=call.cluster.pk, namespace=call.namespace, name=call.name)
    container = _reached(seen, call.query.get("container", ""))
    run = _running(seen.pod, container["name"])
    if run is None:
        raise BadRequest(f"unable to upgrade connection: container {container['name']} does not run")
    sources = config_sources_of(cluster=call.cluster.pk, pod=seen.pod)
    script = script_of(seen.pod, container, seen.node, sources)
    asked = Exec(
        cluster=call.cluster.pk,
        actor=call.caller.actor,
        namespace=call.namespace,
        pod=call.name,
        uid=seen.pod["metadata"]["uid"],
        container=container["name"],
        run=run,
        environment=environment_of(seen.pod, container, seen.node, sources),
        argv=argv_of(container),
        stdin=call.flag("stdin") and bool(container.get("stdin")),
        stdout=call.flag("stdout"),
        stderr=call.flag("stderr"),
        tty=call.flag("tty") and bool(container.get("tty")),
        attached=True,
    )
    return asked, bool(script and script.attended and asked.stdin)


def _reached(seen: PodSeen, name: str) -> Manifest:
    """Return a container that its machine can be asked about. Raises BadRequest, Unreachable."""
    container = container_of(seen.pod, name)
    if not seen.pod["spec"].get("nodeName"):
        raise BadRequest(f"pod {seen.pod['metadata']['name']} does not have a host assigned")
    if not seen.reached:
        raise unreachable(seen)
    return container


def _running(pod: Manifest, container: str) -> int | None:
    """Return which life of a container goes on, if one does."""
    for entry in all_statuses(pod):
        if entry["name"] == container and "running" in entry["state"]:
            return run_of(pod, container).number
    return None


# -- requests that are no socket -------------------------------------------------------------------


def plain_exec(call: Call) -> HttpResponseBase:
    """Tell a client that asks for SPDY, or for nothing, what it takes. Raises what ``exec_of`` raises."""
    exec_of(call)
    raise BadRequest(
        "exec is served over WebSockets only, which kubectl 1.30 and newer speak: SPDY is not known here"
    )


def plain_attach(call: Call) -> HttpResponseBase:
    """Tell a client that asks for SPDY, or for nothing, what it takes. Raises what ``attach_of`` raises."""
    attach_of(call)
    raise BadRequest(
        "attach is served over WebSockets only, which kubectl 1.30 and newer speak: SPDY is not known here"
    )


def plain_portforward(call: Call) -> HttpResponseBase:
    """Refuse to forward ports: nobody outside reaches simulated containers. Raises BadRequest, NotFound."""
    pod_seen(cluster=call.cluster.pk, namespace=call.namespace, name=call.name)
    raise BadRequest(
        "port-forward is not simulated: simulated pods answer each other, and nobody outside of the cluster; "
        "try kubectl exec POD -- curl SERVICE"
    )

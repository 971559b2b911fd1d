"""Where things are on the site."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from controller.engine.kinds import KINDS


def map_url(cluster: str, *, chosen: str = "", node: str = "") -> str:
    """Return the map, with a set (namespace/name) and a node chosen if they are given."""
    query = urlencode([(key, value) for key, value in (("set", chosen), ("node", node)) if value], safe="/")
    return reverse("map", args=[cluster]) + (f"?{query}" if query else "")


def set_url(cluster: str, namespace: str, name: str) -> str:
    """Return the page of a set."""
    return reverse("daemonset", args=[cluster, namespace, name])


def pairs_url(cluster: str, namespace: str, name: str, **query: str) -> str:
    """Return the nodes and pods of a set, all or those behind a number or a cause."""
    chosen = urlencode([(key, value) for key, value in query.items() if value], safe="/")
    return reverse("pairs", args=[cluster, namespace, name]) + (f"?{chosen}" if chosen else "")


def node_url(cluster: str, name: str) -> str:
    """Return the page of a node."""
    return reverse("node", args=[cluster, name])


def pod_url(cluster: str, namespace: str, name: str) -> str:
    """Return the page of a pod."""
    return reverse("pod", args=[cluster, namespace, name])


NOWHERE = "-"
"""What stands in an address for the namespace of an object that has none."""


def object_url(cluster: str, kind: str, namespace: str, name: str, page: str = "object") -> str:
    """Return the page of an object, or "" if the kind is not served; ``page`` names another of its own."""
    if kind not in KINDS:
        return ""
    if page == "object" and kind == "Node":
        return node_url(cluster, name)
    if page == "object" and kind in {"Pod", "DaemonSet"}:
        return (pod_url if kind == "Pod" else set_url)(cluster, namespace, name)
    place = namespace if KINDS[kind].namespaced else NOWHERE
    return reverse(page, args=[cluster, KINDS[kind].plural, place, name])


def kind_url(cluster: str, kind: str) -> str:
    """Return the list of all objects of a kind."""
    return reverse("objects_of", args=[cluster, KINDS[kind].plural])

"""Where things are on the site."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse


def map_url(cluster: str, *, chosen: str = "", node: str = "") -> str:
    """Return the map, with a set (namespace/name) and a node chosen if they are given."""
    query = urlencode([(key, value) for key, value in (("set", chosen), ("node", node)) if value], safe="/")
    return reverse("map", args=[cluster]) + (f"?{query}" if query else "")


def set_url(cluster: str, namespace: str, name: str) -> str:
    """Return the page of a set."""
    return reverse("daemonset", args=[cluster, namespace, name])


def node_url(cluster: str, name: str) -> str:
    """Return the page of a node."""
    return reverse("node", args=[cluster, name])


def pod_url(cluster: str, namespace: str, name: str) -> str:
    """Return the page of a pod."""
    return reverse("pod", args=[cluster, namespace, name])


def object_url(cluster: str, kind: str, namespace: str, name: str) -> str:
    """Return the page of an object, or "" for a kind that has none."""
    if kind == "Node":
        return node_url(cluster, name)
    pages = {"Pod": pod_url, "DaemonSet": set_url}
    return pages[kind](cluster, namespace, name) if kind in pages else ""

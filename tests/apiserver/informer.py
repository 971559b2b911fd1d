"""A list-and-watch loop as client-go's informers run it, on two published clients."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import httpx
import kr8s
import urllib3
from kubernetes import client, config, watch

GONE = 410
LABELS = "k8s-app=nginx"
CUT = (client.ApiException, urllib3.exceptions.HTTPError, httpx.HTTPError, kr8s.ServerError, OSError)
"""What the clients raise when the server is not there, or goes while it talks."""
Event = tuple[str, dict[str, Any]]


class Informer(threading.Thread):
    """Lists the demo's nginx pods once, watches from there, and resumes where it stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.pods: set[str] = set()
        self.first = self.version = ""
        """The version of the list, and of the last event."""
        self.seen: list[tuple[str, str, str]] = []
        """Of every event the type, the pod and the version, in the order that they came in."""
        self.lists = self.breaks = 0
        self.failure: BaseException | None = None
        self.ended = threading.Event()

    @abstractmethod
    def listed(self) -> dict[str, Any]:
        """Return the list."""

    @abstractmethod
    def events(self, version: str) -> Iterator[Event]:
        """Yield events with the metadata of their objects, until the server ends the watch."""

    def run(self) -> None:
        try:
            while not self.ended.is_set():
                self._one_round()
        except Exception as error:  # noqa: BLE001 - told to the test, which runs in another thread
            self.failure = error

    def _one_round(self) -> None:
        try:
            if not self.version:
                self._begin()
            for verb, meta in self.events(self.version):
                self.take(verb, meta)
        except CUT as error:
            self.breaks += 1
            if getattr(error, "status", 0) == GONE:
                self.version = ""
            self.ended.wait(0.1)

    def _begin(self) -> None:
        found = self.listed()
        self.lists += 1
        self.pods = {item["metadata"]["name"] for item in found["items"]}
        self.first = self.version = found["metadata"]["resourceVersion"]

    def take(self, verb: str, meta: dict[str, Any]) -> None:
        """Take an event; one that does not fit what was seen before is a missed one."""
        self.version = meta["resourceVersion"]
        if verb == "BOOKMARK":
            return
        assert (meta["name"] in self.pods) is (verb != "ADDED"), (verb, meta["name"])
        if verb == "ADDED":
            self.pods.add(meta["name"])
        if verb == "DELETED":
            self.pods.discard(meta["name"])
        self.seen.append((verb, meta["name"], self.version))


class OfficialInformer(Informer):
    """On the client that the Kubernetes project publishes."""

    def __init__(self, kubeconfig: str) -> None:
        super().__init__()
        self.core = client.CoreV1Api(config.new_client_from_config(kubeconfig))

    def listed(self) -> dict[str, Any]:
        found = self.core.list_namespaced_pod("default", label_selector=LABELS)
        as_sent: dict[str, Any] = self.core.api_client.sanitize_for_serialization(found)
        return as_sent

    def events(self, version: str) -> Iterator[Event]:
        asked = {"label_selector": LABELS, "timeout_seconds": 2, "allow_watch_bookmarks": True}
        call = self.core.list_namespaced_pod
        for event in watch.Watch().stream(call, "default", resource_version=version, **asked):
            yield event["type"], event["raw_object"]["metadata"]


class Kr8sInformer(Informer):
    """On kr8s, whose watches have no end of their own."""

    def __init__(self, kubeconfig: str) -> None:
        super().__init__()
        self.kubeconfig = kubeconfig

    def listed(self) -> dict[str, Any]:
        # kr8s keeps the version of a list to itself: of pods at rest the newest of theirs will do.
        found = list(self._api().get("pods", namespace="default", label_selector=LABELS, raw=True))
        newest = max(int(pod["metadata"]["resourceVersion"]) for pod in found)
        return {"items": found, "metadata": {"resourceVersion": str(newest)}}

    def events(self, version: str) -> Iterator[Event]:
        watched = self._api().watch("pods", namespace="default", label_selector=LABELS, since=version)
        for verb, pod in watched:
            yield verb, dict(pod.raw["metadata"])

    def _api(self) -> Any:
        return kr8s.api(kubeconfig=self.kubeconfig)

"""Many clients that patch labels at once: none may fail, but for an honest conflict."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

CLIENTS, PATCHES = 16, 1000
MEDIA = "application/strategic-merge-patch+json"


def per_second(port: int, base: str, nodes: Sequence[str]) -> float:
    """Return how many label patches a second are answered, all clients taken together."""
    shares = [range(first, PATCHES, CLIENTS) for first in range(CLIENTS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        told = sum(pool.map(lambda share: _patched(port, base, nodes, share), shares), Counter[int]())
    spent = time.perf_counter() - began
    assert told.keys() <= {http.client.OK, http.client.CONFLICT}, told
    assert told.total() == PATCHES
    return PATCHES / spent


def _patched(port: int, base: str, nodes: Sequence[str], share: range) -> Counter[int]:
    line, told = http.client.HTTPConnection("127.0.0.1", port), Counter[int]()
    for number in share:
        body = json.dumps({"metadata": {"labels": {"patched": str(number)}}})
        path = f"{base}/api/v1/nodes/{nodes[number % len(nodes)]}"
        line.request("PATCH", path, body, {"Content-Type": MEDIA})
        answer = line.getresponse()
        answer.read()
        told[answer.status] += 1
    line.close()
    return told

"""Runs the steps of a trial and tells of each; what fails does not keep the rest from being tried."""

from __future__ import annotations

import sys
import time

from controller.upstream.errors import Upstream
from tests.real.checks import Failed
from tests.real.screen import Screen
from tests.real.trial import Trial
from tests.real.upstream import Cluster
from tests.servers import Everynode


def tried(cluster: Cluster, everynode: Everynode, name: str, *, limit: float, labels: bool) -> int:
    """Try everything on a cluster that was added to an Everynode under a name; return how much failed."""
    failed = 0
    with Screen(everynode, name).listening() as screen:
        for what, step in Trial(cluster, screen, limit, labels).steps():
            began = time.monotonic()
            try:
                mark, said = "ok    ", step()
            except (Failed, Upstream) as error:
                mark, said, failed = "FAILED", str(error), failed + 1
            sys.stdout.write(f"{mark} {what} ({time.monotonic() - began:.1f} s): {said}\n")
            sys.stdout.flush()
    return failed

"""Workers that die by SIGKILL at a chosen moment of a pass: before a statement, before or after a commit.

Nothing that a worker does between two of these moments can be seen from outside. One process imports
everything once and forks a worker for each pass, so that a hundred of them die in seconds.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from tests.servers import BASE

PARENT = """
import os, signal, sys, traceback
import django
django.setup()
from django.db import connection
from controller import broker
from controller.services import passes
from controller.store import holders

connection.settings_dict["NAME"] = sys.argv[1]
broker._State.again = float("inf")  # nobody waits for messages here
passes.TURN = 0.001

def work(cluster, moments):
    left = moments
    commit = connection._commit

    def pass_by():
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(execute, *words):
        pass_by()
        return execute(*words)

    def counted_commit():
        pass_by()
        commit()
        pass_by()

    connection.execute_wrappers.append(counted)
    connection._commit = counted_commit
    passes.cluster_pass(cluster=cluster, owner=holders.holder())

for line in sys.stdin:
    worker = os.fork()
    if not worker:
        try:
            work(*map(int, line.split()))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]), flush=True)
"""
KILLED = -9


@dataclass(frozen=True, slots=True)
class Mortals:
    """The process that forks the workers."""

    process: subprocess.Popen[str]

    def work(self, cluster: int, moments: int) -> bool:
        """Let a worker make one pass over a cluster, or die at the so-manyeth moment; say whether it died."""
        assert self.process.stdin
        assert self.process.stdout
        print(cluster, moments, file=self.process.stdin, flush=True)
        code = int(self.process.stdout.readline())
        assert code in {0, KILLED}
        return code == KILLED


@contextmanager
def mortals() -> Iterator[Mortals]:
    """Run the process that forks workers on the test's database."""
    words = [sys.executable, "-c", PARENT, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(
        words, cwd=BASE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Mortals(process)
        finally:
            process.communicate()

"""What one Everynode on this machine consists of: the programs that the supervisor keeps running."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dashboard.children import Child

HOST = "127.0.0.1"
MANAGE = str(Path(__file__).resolve().parent.parent / "manage.py")


@dataclass(frozen=True)
class Plan:
    """What to run. ``redis_server`` is the program to embed; empty when REDIS_URL names a Redis."""

    data: Path
    port: int
    demo: bool
    redis_server: str

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return f"http://{HOST}:{self.port}/"


def redis(plan: Plan, port: int, password: str) -> Child:
    """Return the embedded Redis: on the loopback, behind a password, keeping nothing on disk."""
    # The settings go in by standard input: a command line is open to every user of the machine.
    lines = (
        f"bind {HOST}",
        f"port {port}",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        f'dir "{plan.data}"',
        "loglevel warning",
        f'logfile "{plan.data}/redis.log"',
    )
    feed = "\n".join(lines) + "\n"
    return Child("redis", [plan.redis_server, "-"], feed=feed, stdout=subprocess.DEVNULL)


def preparation(plan: Plan) -> Child:
    """Return what runs once, before the page: migrations, the first user, the demo cluster."""
    return Child(
        "the preparation of the database",
        [sys.executable, MANAGE, "prepare", *([] if plan.demo else ["--no-demo"])],
        stdout=subprocess.PIPE,
    )


def web(plan: Plan) -> Child:
    """Return the web server. An open stream must not hold up its stop for longer than 2 s."""
    return Child(
        "web",
        [
            *(sys.executable, "-m", "uvicorn", "dashboard.asgi:application"),
            *("--host", HOST, "--port", str(plan.port), "--lifespan", "off"),
            *("--timeout-graceful-shutdown", "2", "--log-level", "warning", "--no-access-log"),
        ],
    )


def worker() -> Child:
    """Return the Celery worker: threads start at once and stop in a second; passes are short."""
    return Child(
        "worker",
        [
            # Messages are JSON on the loopback, so root is no danger here, and its warning only frightens.
            *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
            *("-m", "celery", "--quiet", "--app", "dashboard", "worker"),
            *("--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        stdout=subprocess.DEVNULL,  # its log is on standard error; the rest is small talk
    )


def clock() -> Child:
    """Return the clock, which wakes the clusters that are due."""
    return Child("clock", [sys.executable, MANAGE, "clock"])

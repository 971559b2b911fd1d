"""What one Everynode on this machine consists of: the programs that the supervisor keeps running."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dashboard import instance
from dashboard.children import Child

HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only over TLS, and only when --host asks for it
MANAGE = str(Path(__file__).resolve().parent.parent / "manage.py")


@dataclass(frozen=True)
class Plan:
    """What to run. ``redis_server`` is the program to embed; empty when REDIS_URL names a Redis."""

    data: Path
    port: int
    demo: bool
    redis_server: str
    names: tuple[str, ...] = ()
    """What the machine is called by those who come over TLS, first the name to hand out; none: no TLS."""

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return f"https://{self.names[0]}:{self.port}/" if self.names else f"http://{HOST}:{self.port}/"

    @property
    def bind(self) -> str:
        """Return where to listen: for others only if they were given a name to come by."""
        return HOST if self.names[:1] in ((), (HOST,)) else EVERYWHERE


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
    """Return the web server. An open stream must not hold up its stop for longer than 2 s.

    A connection that rests is kept for longer than clients keep it (kubectl: 90 s): one that is closed
    as the next request comes loses that, as in the fifth second, when a drain asks again.
    """
    keys = instance.certificates(plan.data)
    tls = ("--ssl-certfile", str(keys.server), "--ssl-keyfile", str(keys.server_key)) if plan.names else ()
    return Child(
        "web",
        [
            *(sys.executable, "-m", "uvicorn", "dashboard.asgi:application"),
            *("--host", plan.bind, "--port", str(plan.port), "--lifespan", "off", *tls),
            *("--timeout-keep-alive", "120"),
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
            *("-m", "celery", "--quiet", "--skip-checks", "--app", "dashboard", "worker"),
            *("--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        stdout=subprocess.DEVNULL,  # its log is on standard error; the rest is small talk
    )


def clock() -> Child:
    """Return the clock, which wakes the clusters that are due."""
    return Child("clock", [sys.executable, MANAGE, "clock"])


def mirror() -> Child:
    """Return the mirror, which follows real clusters."""
    return Child("mirror", [sys.executable, MANAGE, "mirror"])

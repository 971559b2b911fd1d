"""Everynode as ``deploy/`` starts it: the commands of its units, on a PostgreSQL and a Redis of their own.

Several of each program run side by side, and each is started again when it dies, as systemd does.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from dashboard.programs import HOST
from dashboard.supervise import free_port
from tests.servers import BASE, PLACES, PostgreSQL, postgresql_server, redis_running, wait_until

NAME = "everynode.example.org"
HEADERS = {"Host": NAME, "X-Forwarded-Proto": "https"}
"""What the proxy in front of the web program adds to each request."""

RESTART = 0.2
"""Seconds after which what died is started again; systemd waits for a whole one."""


def command(unit: str, **options: str) -> list[str]:
    """Return the words with which a unit starts its program, with other values of some options."""
    text = (BASE / "deploy" / f"everynode-{unit}.service").read_text()
    found = re.search(r"^ExecStart=\S+/python (.+)$", text, re.MULTILINE)
    assert found, unit
    words = found[1].split()
    for option, value in options.items():
        name = f"--{option}"
        if name in words:
            words[words.index(name) + 1] = value
        else:
            words += [name, value]
    return [sys.executable, *words]


@dataclass
class Program:
    """A program that is kept running until it is stopped."""

    words: Sequence[str]
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _ending: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start it, and again whenever it has died."""
        self._spawn()
        threading.Thread(target=self._keep, daemon=True).start()

    def _spawn(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.words, cwd=BASE, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _keep(self) -> None:
        while not self._ending.wait(RESTART):
            if self.process and self.process.poll() is not None:
                self._spawn()

    def kill(self) -> None:
        """Kill it as a crash would; it is started again."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it for good."""
        self._ending.set()
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass
class Production:
    """Running programs by their names, such as web-1, and the servers below them."""

    env: dict[str, str]
    log: Path
    postgresql: PostgreSQL
    ports: tuple[int, ...]
    programs: dict[str, Program] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """Return what all programs told so far."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def python(self, code: str, *words: str) -> Any:
        """Run code with the same settings after ``django.setup``; return the JSON that it prints."""
        whole = f"import sys, json, django; django.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", whole, *words],
            cwd=BASE,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout or "null")

    def request(
        self, web: int, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, str]:
        """Send a request to a web process; return status and text, or 0 if the line was cut."""
        line = HTTPConnection(HOST, self.ports[web], timeout=20)
        text = None if body is None else json.dumps(body)
        sent = {"Content-Type": "application/json", **HEADERS, **headers}
        try:
            line.request(method, path, text, sent)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:
            return 0, str(error)
        finally:
            line.close()

    def start(self, name: str, words: Sequence[str]) -> None:
        """Start a program and keep it running."""
        self.programs[name] = Program(words, self.env, self.log)
        self.programs[name].start()

    def stop(self, *names: str) -> None:
        """Stop programs for good, all if none is named."""
        for name in names or tuple(self.programs):
            self.programs.pop(name).stop()

    def is_ready(self, web: int) -> bool:
        """Return whether a web process answers and finds its database, its Redis and a worker."""
        return self.request(web, "GET", "/readyz")[0] == 200


@contextmanager
def production_running(folder: Path, *, webs: int, workers: int, clocks: int) -> Iterator[Production]:
    """Run so many of each program. Raises FileNotFoundError if this machine has no PostgreSQL."""
    with ExitStack() as stack:
        database = stack.enter_context(postgresql_server())
        redis = stack.enter_context(redis_running(folder))
        kept = {name: value for name, value in os.environ.items() if name not in PLACES}
        env = kept | {
            "EVERYNODE_ENV": "production",
            "EVERYNODE_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": NAME,
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
        }
        made = Production(env, folder / "programs.log", database, tuple(free_port() for _ in range(webs)))
        stack.callback(made.stop)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=BASE, env=env, check=True)
        for number, port in enumerate(made.ports):
            made.start(f"web-{number}", command("web", port=str(port), workers="1"))
        for number in range(workers):
            made.start(f"worker-{number}", command("worker", hostname=f"{number}@%h"))
        for number in range(clocks):
            made.start(f"clock-{number}", command("clock"))
        for number in range(webs):
            wait_until(partial(made.is_ready, number), within=180, what="the page")
        yield made

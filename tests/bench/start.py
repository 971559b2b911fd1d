"""From ``make run`` to a live page: what a newcomer waits for, set up before."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from dashboard.programs import HOST
from dashboard.supervise import free_port
from tests.bench.browser import Browser, next_frame
from tests.bench.telling import tell
from tests.servers import BASE, environment

LOGIN = re.compile(r"^ +password +(\S+)", re.MULTILINE)


def set_up() -> None:
    """Do what ``make run`` would otherwise do at first."""
    subprocess.run(["make", "--silent", "setup"], cwd=BASE, check=True)


def figures() -> dict[str, float]:
    """Measure the start, three times."""
    first = [first_page_s() for _ in range(3)]
    tell("first_page_s", first)
    return {"first_page_s": median(first)}


def first_page_s() -> float:
    """Return the seconds until the demo's page was answered with 200 and its socket gave the snapshot.

    The data folder is new: the database, the demo cluster and the password are made within that time.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="everynode-bench-") as folder:
        began = time.perf_counter()
        make = subprocess.Popen(
            ["make", "--silent", "run", f"PORT={port}"],
            cwd=BASE,
            env=environment(Path(folder)) | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            browser = Browser(f"http://{HOST}:{port}/", _password(make))
            browser.page("clusters/demo/")
            with browser.socket("demo") as socket:
                next_frame(socket, "snapshot")
                return time.perf_counter() - began
        finally:
            os.killpg(make.pid, signal.SIGTERM)
            make.wait(timeout=20)


def _password(make: subprocess.Popen[str]) -> str:
    said = ""
    for line in make.stdout or ():
        said += line
        if found := LOGIN.search(said):
            return found[1]
    raise ChildProcessError(said)

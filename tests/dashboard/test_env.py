"""The readers of the environment, and the two modes of the settings. Start-up itself: test_supervise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard import env
from tests.servers import BASE, environment

NAME = "EVERYNODE_TRIED"
PRODUCTION = {
    "EVERYNODE_ENV": "production",
    "SECRET_KEY": "only-for-this-test",
    "ALLOWED_HOSTS": "nodes.example.org, .example.net",
    "DATABASE_URL": "postgresql://someone@db.example.org/everynode",
    "REDIS_URL": "redis://redis.example.org:6379/0",
}


def setting(data: Path, names: str, more: dict[str, str]) -> str:
    """Return what a fresh process reads from the settings, or the sentence that stops it."""
    words = [sys.executable, "manage.py", "shell", "-v0", "-c"]
    code = f"from django.conf import settings as s; print({names})"
    done = subprocess.run(
        [*words, code], cwd=BASE, env=environment(data, more), capture_output=True, text=True, check=False
    )
    return (done.stdout or done.stderr.splitlines()[-1]).strip()


@pytest.mark.parametrize(
    ("given", "read", "sentence"),
    [
        pytest.param(
            "staging",
            lambda: env.choice(NAME, ("local", "production")),
            "EVERYNODE_TRIED is 'staging', and must be one of: local, production.",
            id="choice",
        ),
        pytest.param(
            "999",
            lambda: env.whole(NAME, 5_000, least=1_000),
            "EVERYNODE_TRIED is '999', and must be a whole number of at least 1000.",
            id="whole",
        ),
        pytest.param(
            "mysql://db",
            lambda: env.url(NAME, ("postgresql",)),
            "EVERYNODE_TRIED must be an address that begins with one of: postgresql.",
            id="url",
        ),
        pytest.param(
            "99",
            lambda: env.whole(NAME, 200, least=100),
            "EVERYNODE_TRIED is '99', and must be a whole number of at least 100.",
            id="whole, too small",
        ),
        pytest.param(
            "a lot",
            lambda: env.whole(NAME, 200, least=100),
            "EVERYNODE_TRIED is 'a lot', and must be a whole number of at least 100.",
            id="whole, no number",
        ),
        pytest.param(
            "/dev/null/data",
            lambda: env.folder(NAME, Path("unused")),
            "EVERYNODE_TRIED is '/dev/null/data', and cannot be used as a folder: Not a directory.",
            id="folder",
        ),
    ],
)
def test_refusals(
    monkeypatch: pytest.MonkeyPatch, given: str, read: Callable[[], object], sentence: str
) -> None:
    """A value that cannot be used is refused in one sentence that names the variable."""
    monkeypatch.setenv(NAME, given)
    with pytest.raises(env.BadSetting) as caught:
        read()
    assert str(caught.value) == sentence


def test_the_text_of_a_bad_address_stays_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused address is not repeated: it may hold a password."""
    monkeypatch.setenv(NAME, "mysql://root:opensesame@db")
    with pytest.raises(env.BadSetting) as caught:
        env.url(NAME, ("postgresql",))
    assert "opensesame" not in str(caught.value)


def test_blank_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of blanks counts as not set."""
    monkeypatch.setenv(NAME, "  ")
    assert (env.text(NAME, "usual"), env.words(NAME)) == ("usual", [])


def test_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are parted by commas; blanks around them and empty ones do not count."""
    monkeypatch.setenv(NAME, "a.example.org, b.example.org,,")
    assert env.words(NAME) == ["a.example.org", "b.example.org"]


def test_a_folder_is_made_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that is not there is made, with its parents, and others cannot look into it."""
    monkeypatch.setenv(NAME, str(tmp_path / "far" / "data"))
    made = env.folder(NAME, Path("unused"))
    assert made.is_dir()
    assert made.stat().st_mode & 0o777 == 0o700


def test_production_names_all_that_is_missing(tmp_path: Path) -> None:
    """Production does not start while settings are missing, and one sentence names all of them."""
    told = setting(tmp_path, "s.DEBUG", {"EVERYNODE_ENV": "production", "ALLOWED_HOSTS": "nodes.example.org"})
    assert told == (
        "Everynode cannot start: SECRET_KEY, DATABASE_URL, REDIS_URL are not set, "
        "and EVERYNODE_ENV=production generates nothing."
    )


def test_nobody_is_local_in_production(tmp_path: Path) -> None:
    """What comes through a proxy comes from this machine, so what `up` says of itself is refused there."""
    told = setting(tmp_path, "s.DEBUG", {**PRODUCTION, "EVERYNODE_LOCAL": "yes"})
    assert "EVERYNODE_LOCAL is 'yes', and EVERYNODE_ENV=production takes nobody for local" in told
    assert setting(tmp_path, "s.EVERYNODE_LOCAL", PRODUCTION) == "False"


def test_production_is_strict(tmp_path: Path) -> None:
    """Production sends cookies over https only, asks browsers to stay on it, and generates no key."""
    names = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0"
    told = setting(tmp_path, f"{names}, s.ALLOWED_HOSTS, s.DEBUG", PRODUCTION)
    assert told == "True True True True ['nodes.example.org', '.example.net'] False"
    assert not (tmp_path / "secret-key").exists()


def test_local_mode_keeps_its_key(tmp_path: Path) -> None:
    """Local mode makes a secret key once, readable by its owner alone, and uses it ever after."""
    first, second = (setting(tmp_path, "s.SECRET_KEY", {}) for _ in range(2))
    key = tmp_path / "secret-key"
    assert first == second == key.read_text(encoding="utf-8")
    assert key.stat().st_mode & 0o777 == 0o600


def test_two_folders_share_a_redis_without_mixing(tmp_path: Path) -> None:
    """Each local instance has its own prefix in Redis and its own cookies."""
    names = "s.REDIS_PREFIX, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME"
    one, other = (setting(tmp_path / name, names, {}).split() for name in ("one", "other"))
    assert not set(one) & set(other)


def test_the_run_itself_is_apart() -> None:
    """Tests never see the developer's data folder."""
    assert os.environ["EVERYNODE_DATA"] != str(BASE / "data")

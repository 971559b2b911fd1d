"""What one running Everynode keeps in its data folder: where it runs, and its generated keys.

Read by the settings and by the supervisor, so it knows neither Django nor anything heavy.
"""

from __future__ import annotations

import json
import os
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TLS_FOLDER = "tls"
RUN_FILE = "run.json"
KEY_FILE, CREDENTIALS_FILE, METRICS_FILE = "secret-key", "credentials-key", "metrics-token"
METRICS_FOLDER = "metrics"
"""Where the processes of the machine count together."""
USUAL_REDIS = "redis://127.0.0.1:6379/0"


def secret_key(data: Path) -> str:
    """Return the folder's secret key."""
    return _made_once(data / KEY_FILE, secrets.token_urlsafe(50))


def metrics_token(data: Path) -> str:
    """Return what a Prometheus of this machine is let in by."""
    return _made_once(data / METRICS_FILE, secrets.token_urlsafe(32))


def credentials_key(data: Path) -> str:
    """Return the folder's key for credentials of real clusters, as cryptography's Fernet takes it."""
    return _made_once(data / CREDENTIALS_FILE, urlsafe_b64encode(secrets.token_bytes(32)).decode())


def _made_once(path: Path, text: str) -> str:
    """Return what a file says; the first caller writes it, readable by its owner alone."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        try:
            path.hardlink_to(fresh)  # of several first callers one wins, and none reads half a key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def read_run(data: Path) -> dict[str, Any]:
    """Return where the instance of this folder runs (url, redis, port, pid, pids); empty when none does."""
    try:
        run = json.loads((data / RUN_FILE).read_text())
        os.kill(run["pid"], 0)  # a supervisor that was killed leaves its file behind
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return dict(run)


def write_run(data: Path, run: dict[str, Any]) -> None:
    """Write where the instance runs; a reader sees the old text or the new, never half of it.

    The address of the Redis holds its password, so only the owner may read the file.
    """
    fresh = data / f"{RUN_FILE}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(run, indent=1) + "\n")
    fresh.replace(data / RUN_FILE)


def redis_url(data: Path) -> str:
    """Return the Redis of the running instance, else the usual address of one on this machine."""
    return str(read_run(data).get("redis") or USUAL_REDIS)


@dataclass(frozen=True)
class Certificates:
    """Where the certificates of TLS and their keys are."""

    folder: Path

    @property
    def authority(self) -> Path:
        """Return the certificate of the local authority, which clients are given."""
        return self.folder / "authority.pem"

    @property
    def authority_key(self) -> Path:
        """Return the key of the authority."""
        return self.folder / "authority.key"

    @property
    def server(self) -> Path:
        """Return the certificate of the server."""
        return self.folder / "server.pem"

    @property
    def server_key(self) -> Path:
        """Return the key of the server."""
        return self.folder / "server.key"


def certificates(data: Path) -> Certificates:
    """Return where the folder's certificates are, whether there are any or not."""
    return Certificates(data / TLS_FOLDER)


def authority(data: Path) -> bytes:
    """Return the certificate of the folder's authority, empty if it never had one."""
    path = certificates(data).authority
    return path.read_bytes() if path.exists() else b""

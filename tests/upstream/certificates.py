"""Certificates for tests: an authority, and a server and a client that it vouches for."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from dashboard import tls
from dashboard.instance import Certificates, certificates


@cache
def pair(_authority: str = "known") -> Certificates:
    """Return the files of an authority and of a server's certificate for this machine."""
    folder = Path(mkdtemp(prefix="everynode-tls-"))
    files = certificates(folder)
    tls.certify(files, ["127.0.0.1", "localhost", "real.example"], datetime.now(UTC))
    return files

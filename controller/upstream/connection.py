"""How the API server of a real cluster is reached: address, trust and credentials, as one value."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import orjson

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its service account."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where an API server is and who we are there. What is secret is left out of its ``repr``.

    ``authority``, ``certificate`` and ``key`` are PEM; an empty authority is that of the system. ``account``
    says that token and authority are those of the pod that we run in, which are renewed there.
    """

    server: str = field(repr=False)
    authority: str = ""
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    server_name: str = ""
    proxy: str = field(default="", repr=False)
    insecure: bool = False
    account: bool = False

    @property
    def origin(self) -> str:
        """Return the address without its path, which may be as secret as a token."""
        split = urlsplit(self.server)
        return f"{split.scheme}://{split.netloc}"

    def packed(self) -> bytes:
        """Return it as bytes: with all that is secret, so they are to be sealed."""
        return orjson.dumps(asdict(self))

    @classmethod
    def unpacked(cls, text: bytes) -> Connection:
        """Return what was packed."""
        return cls(**orjson.loads(text))

    def bearer(self) -> str:
        """Return the token that is sent now, or "". Raises OSError: the pod's own cannot be read."""
        return (ACCOUNT / "token").read_text().strip() if self.account else self.token

    def trust(self) -> ssl.SSLContext:
        """Return what to speak TLS with. Raises ssl.SSLError, ValueError: certificates that are none."""
        context = ssl.create_default_context(cadata=self.authority or None)
        # Authorities of clusters seldom name their key, which newer OpenSSLs ask for when they are strict.
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", ssl.VerifyFlags(0))
        if self.insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.certificate:
            self._identify(context)
        return context

    def _identify(self, context: ssl.SSLContext) -> None:
        """Load our certificate, which OpenSSL takes from files only: they are gone in a moment."""
        memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
        with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
            chain = Path(folder) / "pair"
            chain.touch(mode=0o600)
            chain.write_text(f"{self.certificate}\n{self.key}\n")
            context.load_cert_chain(chain, password=_never)


def _never() -> str:
    """Keep OpenSSL from asking at the terminal for the password of a key."""
    return ""


def own_account() -> Connection | None:
    """Return how the cluster that we run in is reached, or None if we run in no pod."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    with suppress(OSError):
        if host and (ACCOUNT / "token").read_text():
            named = f"[{host}]" if ":" in host else host
            authority = (ACCOUNT / "ca.crt").read_text()
            return Connection(f"https://{named}:{port}", authority=authority, account=True)
    return None

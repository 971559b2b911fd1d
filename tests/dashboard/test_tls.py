"""The local authority: what it vouches for, and when it does so anew."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store
from django.core.management import CommandError, call_command

from dashboard.instance import Certificates, authority, certificates
from dashboard.programs import EVERYWHERE, HOST, Plan
from dashboard.tls import SERVER_LASTS, certify

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("trainer.example", "127.0.0.1", "localhost")


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> Certificates:
    return certificates(tmp_path)


def server(files: Certificates) -> x509.Certificate:
    """Return the server's certificate."""
    return x509.load_pem_x509_certificate(files.server.read_bytes())


def test_a_client_that_has_the_authority_trusts_the_server(files: Certificates) -> None:
    """The chain holds for each of the names, as clients check it."""
    certify(files, NAMES, NOW)
    store = Store([x509.load_pem_x509_certificate(files.authority.read_bytes())])
    for name in (x509.DNSName("trainer.example"), x509.DNSName("localhost")):
        PolicyBuilder().store(store).time(NOW).build_server_verifier(name).verify(server(files), [])


def test_keys_are_for_their_owner_alone(files: Certificates) -> None:
    """Nobody else on the machine reads them."""
    certify(files, NAMES, NOW)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.folder.iterdir()} == {0o600}
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700


def test_nothing_is_made_anew_without_need(files: Certificates) -> None:
    """The next start finds what the first one made."""
    certify(files, NAMES, NOW)
    before = {path: path.read_bytes() for path in files.folder.iterdir()}
    certify(files, NAMES, NOW + timedelta(days=1))
    assert {path: path.read_bytes() for path in files.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("names", "later"), [(("other.example",), timedelta(0)), (NAMES, SERVER_LASTS - timedelta(days=1))]
)
def test_only_the_servers_certificate_is_made_anew(
    files: Certificates, names: tuple[str, ...], later: timedelta
) -> None:
    """Other names or old age take a new certificate; the authority stays, and with it every kubeconfig."""
    certify(files, NAMES, NOW)
    first, vouching = server(files), files.authority.read_bytes()
    certify(files, names, NOW + later)
    assert server(files).serial_number != first.serial_number
    assert files.authority.read_bytes() == vouching


def test_a_lost_authority_takes_all_anew(files: Certificates) -> None:
    """A certificate by an authority that nobody has any more is worth nothing."""
    certify(files, NAMES, NOW)
    first = server(files)
    files.authority.unlink()
    certify(files, NAMES, NOW)
    assert server(files).issuer == first.issuer
    assert server(files).serial_number != first.serial_number


def test_a_folder_without_tls_has_no_authority(tmp_path: Path) -> None:
    """Kubeconfigs then carry none."""
    assert authority(tmp_path) == b""
    certify(certificates(tmp_path), NAMES, NOW)
    assert authority(tmp_path).startswith(b"-----BEGIN CERTIFICATE-----")


def test_what_is_no_name_is_refused(files: Certificates) -> None:
    """A certificate holds names of machines and addresses."""
    with pytest.raises(ValueError, match="A-label"):
        certify(files, ["tränér"], NOW)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--host", "trainer.example"), "--host needs --tls"),
        (("--tls", "--host", "tränér"), "no name of a machine"),
    ],
)
def test_up_says_what_is_wrong_with_a_host(
    settings: Any, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """Nothing is started, and other machines never come in plain text."""
    settings.EVERYNODE_DATA = tmp_path
    with pytest.raises(CommandError, match=said):
        call_command("up", *words)


def test_others_are_let_in_only_by_name() -> None:
    """Without --host the site listens on the loopback alone, with TLS or without."""
    folder = Path("/data")
    assert Plan(folder, 1, demo=True, redis_server="").bind == HOST
    assert Plan(folder, 1, demo=True, redis_server="", names=(HOST, "localhost")).bind == HOST
    open_to_others = Plan(folder, 1, demo=True, redis_server="", names=("trainer.example", HOST))
    assert open_to_others.bind == EVERYWHERE
    assert open_to_others.url == "https://trainer.example:1/"

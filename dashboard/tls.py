"""A local authority and the server's certificate by it, for machines that have no name in the world's DNS.

Made when ``up --tls`` asks for it. The authority lasts, so that kubeconfigs handed out keep working; the
server's certificate is made anew when it runs out or when the names change.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dashboard.instance import Certificates

AUTHORITY_LASTS = timedelta(days=3650)
SERVER_LASTS = timedelta(days=365)
RENEWED_BEFORE = timedelta(days=30)
BACKDATED = timedelta(minutes=10)
"""Clocks of other machines may be slow."""

Key = ec.EllipticCurvePrivateKey


def certify(files: Certificates, names: Iterable[str], now: datetime) -> None:
    """See to it that there is a certificate for these names (or addresses) that still lasts."""
    files.folder.mkdir(mode=0o700, exist_ok=True)
    wanted = x509.SubjectAlternativeName([_general(name) for name in dict.fromkeys(names)])
    if not files.authority.exists():
        _make_authority(files, now)
        files.server.unlink(missing_ok=True)
    if not (files.server.exists() and _serves(files.server, wanted, now)):
        _make_server(files, wanted, now)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _serves(path: Path, wanted: x509.SubjectAlternativeName, now: datetime) -> bool:
    standing = x509.load_pem_x509_certificate(path.read_bytes())
    names = standing.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names == wanted and now < standing.not_valid_after_utc - RENEWED_BEFORE


def _make_authority(files: Certificates, now: datetime) -> None:
    key, subject = ec.generate_private_key(ec.SECP256R1()), _named("Everynode local authority")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _begun(subject, subject, key, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(files.authority_key, key)
    _write(files.authority, made.public_bytes(Encoding.PEM))


def _make_server(files: Certificates, names: x509.SubjectAlternativeName, now: datetime) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    signer = load_pem_private_key(files.authority_key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 - the file is ours
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = (
        _begun(_named("Everynode"), authority.subject, key, now, SERVER_LASTS)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write_key(files.server_key, key)
    _write(files.server, made.public_bytes(Encoding.PEM))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _begun(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - BACKDATED)
        .not_valid_after(now.astimezone(UTC) + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _write_key(path: Path, key: Key) -> None:
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; nobody reads half of it."""
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(path)

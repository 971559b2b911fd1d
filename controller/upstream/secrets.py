"""Credentials of real clusters, sealed: the database alone, or a copy of it, lets nobody in anywhere.

The first key seals, all of them open: to change it, put the new one before the old one (see deploy/).
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from controller.engine.errors import Refused
from controller.upstream.connection import Connection


class NoKey(Refused):
    """There is no key to seal credentials with, or none that opens them."""

    code = "InternalError"

    def __init__(self) -> None:
        super().__init__("credentials cannot be sealed or opened: EVERYNODE_CREDENTIALS_KEY is not the one")


def seal(connection: Connection) -> bytes:
    """Return a connection as it is kept in the database. Raises NoKey."""
    return _keys().encrypt(connection.packed())


def unseal(sealed: bytes) -> Connection:
    """Return a connection that was sealed. Raises NoKey."""
    try:
        return Connection.unpacked(_keys().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise NoKey from error


def _keys() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.EVERYNODE_CREDENTIALS_KEYS])
    except ValueError as error:
        raise NoKey from error

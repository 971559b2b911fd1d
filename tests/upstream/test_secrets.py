"""Credentials at rest: sealed, and opened by the keys that are given, also old ones."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from controller.upstream.connection import Connection
from controller.upstream.secrets import NoKey, seal, unseal

CONNECTION = Connection("https://10.0.0.1", token="evn-very-secret", password="pw-secret")


def key() -> str:
    """Return a new key."""
    return Fernet.generate_key().decode()


def test_sealed(settings: Settings) -> None:
    """What is kept tells nothing, and comes back as it was; a copy of the database opens nothing."""
    settings.EVERYNODE_CREDENTIALS_KEYS = [key()]
    sealed = seal(CONNECTION)
    assert b"secret" not in sealed
    assert unseal(sealed) == CONNECTION
    settings.EVERYNODE_CREDENTIALS_KEYS = [key()]
    with pytest.raises(NoKey):
        unseal(sealed)


def test_keys_are_changed_one_after_the_other(settings: Settings) -> None:
    """A new key goes before the old one: it seals, and both open."""
    old, new = key(), key()
    settings.EVERYNODE_CREDENTIALS_KEYS = [old]
    sealed = seal(CONNECTION)
    settings.EVERYNODE_CREDENTIALS_KEYS = [new, old]
    assert unseal(sealed) == CONNECTION
    fresh = seal(CONNECTION)
    settings.EVERYNODE_CREDENTIALS_KEYS = [new]
    assert unseal(fresh) == CONNECTION


@pytest.mark.parametrize("keys", [[], ["short"]])
def test_no_key(settings: Settings, keys: list[str]) -> None:
    """Without a key, or with one that is none, nothing is kept: the setting is named."""
    settings.EVERYNODE_CREDENTIALS_KEYS = keys
    with pytest.raises(NoKey, match="EVERYNODE_CREDENTIALS_KEY"):
        seal(CONNECTION)


def test_nothing_secret_is_said() -> None:
    """What is logged or shown of a connection holds no credentials."""
    assert "secret" not in repr(CONNECTION)
    assert "secret" not in str(CONNECTION)

"""The columns of JSON: as text, and packed where there is much of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from django.apps import apps
from django.db import models

from controller import packing

if TYPE_CHECKING:
    Binary = models.BinaryField[Any, Any]
    Text = models.TextField[Any, Any]
else:
    Binary, Text = models.BinaryField, models.TextField


class ManifestField(Text):
    """JSON in a text column, by orjson: several times faster than a JSON column on either database."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, _expression: object, _database: object) -> object:
        """Return the parsed value."""
        return None if value is None else orjson.loads(value)

    def get_prep_value(self, value: object) -> str:
        """Return the text that is stored."""
        return orjson.dumps(value).decode()

    def to_python(self, value: object) -> object:
        """Return the parsed value, also of a fixture's text."""
        return orjson.loads(value) if isinstance(value, str) else value


def unpacked(body: bytes) -> bytes:
    """Return the text of a packed value as a cursor reads it."""
    return packing.unpack(bytes(body), dictionary)


def dictionary(digest: bytes) -> bytes:
    """Return the content of a dictionary. Raises LookupError: there is none, so nobody can read its texts."""
    kept: models.Manager[models.Model] = apps.get_model("controller", "Dictionary").objects
    body = kept.filter(digest=digest).values_list("body", flat=True).first()
    if body is None:
        raise LookupError(f"The dictionary {digest.hex()} is missing from the database.")
    return packing.unpack(bytes(body), dictionary)


class PackedField(Binary):
    """JSON in a binary column, packed: what most objects have in common is kept in a ``Dictionary``.

    What goes through Django is packed without one. The store, which writes nearly all, picks one.
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: bytes | None, _expression: object, _database: object) -> object:
        """Return the parsed value."""
        return None if value is None else orjson.loads(unpacked(value))

    def get_prep_value(self, value: object) -> bytes:
        """Return what is stored."""
        return packing.packer(packing.PLAIN, dictionary).pack(orjson.dumps(value))

    def value_to_string(self, obj: models.Model) -> str:
        """Return the value as a fixture's text."""
        return orjson.dumps(self.value_from_object(obj)).decode()

    def to_python(self, value: object) -> object:
        """Return the parsed value, also of a fixture's text."""
        return orjson.loads(value) if isinstance(value, str) else value

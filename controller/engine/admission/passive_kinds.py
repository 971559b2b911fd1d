"""Kinds that are only kept: no controller here acts on them, but clients expect their defaults."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

from controller.engine.admission.field_errors import invalid
from controller.engine.errors import Cause
from controller.engine.objects import Manifest


def secret(raw: Manifest) -> Manifest:
    """Return a Secret whose ``stringData`` has been written into its ``data``."""
    plain = {
        key: base64.b64encode(text.encode()).decode() for key, text in (raw.get("stringData") or {}).items()
    }
    rest = {field: value for field, value in raw.items() if field != "stringData"}
    data = {**(raw.get("data") or {}), **plain}
    return {"type": "Opaque", **rest, **({"data": data} if data else {})}


DEFAULTS: dict[str, Callable[[Manifest], Manifest]] = {
    "Secret": secret,
}


def data_errors(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with the values of a Secret: they are base64."""
    for key, text in (manifest.get("data") or {}).items():
        if not _is_base64(text):
            yield invalid(f"data[{key}]", "<secret contents redacted>", "must be base64")


def _is_base64(text: Any) -> bool:  # noqa: ANN401 - any JSON
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True

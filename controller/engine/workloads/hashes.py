"""Which template is which: a short word that stands for one in names and labels."""

from __future__ import annotations

import hashlib
import json

from controller.engine.objects import Manifest

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
HASH_LENGTH = 10


def template_hash(template: Manifest, collisions: int = 0) -> str:
    """Return ten characters of the pod alphabet that stand for a template."""
    text = json.dumps(template, sort_keys=True, separators=(",", ":")) + f"/{collisions}"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:12], "big")
    digits = []
    for _ in range(HASH_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)

"""Where names come from: the only source of chance in a cluster."""

from __future__ import annotations

import os

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' own: no vowels, so no words, and nothing that is easily misread."""

VARIANTS = "89ab"
"""The digit that tells which UUIDs these are."""


class RandomNames:
    """Suffixes and uids that nobody can foresee."""

    def suffix(self) -> str:
        """Return five characters of ``ALPHABET``."""
        return "".join(ALPHABET[byte % len(ALPHABET)] for byte in os.urandom(5))

    def uid(self) -> str:
        """Return a uid that was never used: a random UUID (RFC 9562, version 4), worded without its class."""
        text = os.urandom(16).hex()
        variant = VARIANTS[int(text[16], 16) % 4]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


NAMES = RandomNames()

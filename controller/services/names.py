"""Where names come from: the only source of chance in a cluster."""

from __future__ import annotations

import os
import uuid

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' own: no vowels, so no words, and nothing that is easily misread."""


class RandomNames:
    """Suffixes and uids that nobody can foresee."""

    def suffix(self) -> str:
        """Return five characters of ``ALPHABET``."""
        return "".join(ALPHABET[byte % len(ALPHABET)] for byte in os.urandom(5))

    def uid(self) -> str:
        """Return a uid that was never used."""
        return str(uuid.uuid4())


NAMES = RandomNames()

"""Where names come from: the only source of chance in a cluster."""

from __future__ import annotations

import os

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' own: no vowels, so no words, and nothing that is easily misread."""

LETTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
"""The letter that each byte of chance stands for."""

SUFFIX = 5
"""How many letters tell the names of pods of one set apart."""

VARIANTS = "89ab"
"""The digit that tells which UUIDs these are."""

DRAW, AT_ONCE = 16, 256
"""How many bytes of chance are one draw, and how many draws are asked of the system at once."""


class RandomNames:
    """Suffixes and uids that nobody can foresee. Safe for use by several threads.

    A large pass draws tens of thousands, and to ask the system for each took a twentieth of it.
    """

    def __init__(self) -> None:
        self._draws: list[bytes] = []
        os.register_at_fork(after_in_child=self._draws.clear)  # no two processes draw the same

    def suffix(self) -> str:
        """Return five characters of ``ALPHABET``."""
        return self._draw()[:SUFFIX].translate(LETTERS).decode()

    def uid(self) -> str:
        """Return a uid that was never used: a random UUID (RFC 9562, version 4), worded without its class."""
        text = self._draw().hex()
        variant = VARIANTS[int(text[16], 16) % 4]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def _draw(self) -> bytes:
        while True:
            try:
                return self._draws.pop()
            except IndexError:
                many = os.urandom(DRAW * AT_ONCE)
                self._draws += [many[at : at + DRAW] for at in range(0, len(many), DRAW)]


NAMES = RandomNames()

"""Texts made small: what an object has in common with its like is kept once, in a dictionary.

A packed text is the digest of its dictionary (eight bytes) and a frame of Zstandard. A dictionary is
known by what is in it, so what was kept of it anywhere can never be another one's; it is never changed.
Nothing here knows where dictionaries are kept: whoever unpacks says how one is found.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Generic, TypeVar

import zstandard

LEVEL = -1
"""A quick level of Zstandard: with a dictionary, higher ones save a twentieth and take twice as long."""

DIGEST = 8
"""How many bytes name a dictionary."""

PLAIN = bytes(DIGEST)
"""What stands for none."""

T = TypeVar("T")
Find = Callable[[bytes], bytes]
"""Returns the content of the dictionary with a digest. Raises LookupError."""


def digest(content: bytes) -> bytes:
    """Return what a dictionary is known by."""
    return sha256(content).digest()[:DIGEST] if content else PLAIN


class Packer:
    """Packs with one dictionary. Safe for use by several threads."""

    def __init__(self, content: bytes = b"") -> None:
        self.content, self.digest = content, digest(content)
        self._lock = Lock()
        raw = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        if content:
            raw.precompute_compress(level=LEVEL)
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=raw if content else None)

    def pack(self, text: bytes) -> bytes:
        """Return a text packed."""
        with self._lock:
            return self.digest + self._compressor.compress(text)


class Unpacker:
    """Unpacks with one dictionary. Safe for use by several threads."""

    def __init__(self, content: bytes = b"") -> None:
        self._lock = Lock()
        raw = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        self._decompressor = zstandard.ZstdDecompressor(dict_data=raw if content else None)

    def unpack(self, body: bytes) -> bytes:
        """Return the text that is packed in a body."""
        with self._lock:
            return self._decompressor.decompress(body[DIGEST:])


class Recent(Generic[T]):
    """What was made lately for a digest; the least used goes when there is too much."""

    def __init__(self, room: int, make: Callable[[bytes], T]) -> None:
        self._room, self._make = room, make
        self._made: OrderedDict[bytes, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: bytes, find: Find) -> T:
        """Return what belongs to a digest, made from the content that ``find`` returns if need be."""
        with self._lock:
            made = self._made.get(key)
            if made is not None:
                self._made.move_to_end(key)
                return made
        made = self._make(b"" if key == PLAIN else find(key))
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._room:
                self._made.popitem(last=False)
        return made


_packers = Recent(64, Packer)
_unpackers = Recent(512, Unpacker)
"""A packer holds about 200 kB, an unpacker about 40 kB."""


def packer(key: bytes, find: Find) -> Packer:
    """Return a packer with the dictionary of a digest."""
    return _packers.get(key, find)


def unpack(body: bytes, find: Find) -> bytes:
    """Return the text that is packed in a body."""
    return _unpackers.get(digest_of(body), find).unpack(body)


def digest_of(body: bytes) -> bytes:
    """Return the digest of the dictionary that a body is packed with."""
    return body[:DIGEST]

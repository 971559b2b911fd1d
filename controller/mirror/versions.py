"""Up to which version each kind of a real cluster is known, and whether its server went back behind that.

Versions of a server only rise, unless its store was restored from a backup. A watch from a version that is
not reached yet then tells nothing until it is, and what it tells afterwards lacks all that was in between.
"""

from __future__ import annotations


class Versions:
    """The versions of kinds: at which each is taken up again, and the newest that was ever told of it."""

    def __init__(self) -> None:
        self._at: dict[str, str] = {}
        self._newest: dict[str, int] = {}

    def at(self, kind: str) -> str | None:
        """Return the version from which a kind is watched, None if it is to be listed first."""
        return self._at.get(kind)

    def reach(self, kind: str, version: str) -> None:
        """Take note that all of a kind is known up to a version."""
        self._at[kind] = version
        self.tell(kind, version)

    def tell(self, kind: str, version: str) -> None:
        """Take note of a version of one object, or of all. What is no number has no before and after."""
        if version.isdecimal():
            self._newest[kind] = max(int(version), self._newest.get(kind, 0))

    def list_anew(self, kind: str) -> None:
        """Let a kind be listed before it is watched again."""
        self._at.pop(kind, None)

    def is_behind(self, kind: str, version: str) -> bool:
        """Whether the version at which a server stands is older than what it told before."""
        return version.isdecimal() and int(version) < self._newest.get(kind, 0)

    def begin_anew(self, kind: str) -> None:
        """Forget what was told of a kind: its server knows nothing of it."""
        self._at.pop(kind, None)
        self._newest.pop(kind, None)

"""What an edit of a PersistentVolumeClaim is held against: the class of storage that would have to grow."""

from __future__ import annotations

from collections.abc import Callable

from controller.engine.admission.storage import growth_refusal
from controller.engine.edits.reading import Found
from controller.engine.errors import Forbidden
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest

Find = Callable[[str, str, str], Found | None]
"""Returns the object of a kind, a namespace and a name, or None."""


def check_growth(claim: Found, made: Manifest, find: Find) -> None:
    """Raise Forbidden if a claim asks for more, and its class does not make volumes larger."""
    kind, _namespace, name = claim.key

    def storage_class(name: str) -> Manifest | None:
        standing = find("StorageClass", "", name)
        return standing.manifest if standing else None

    if refusal := growth_refusal(claim.manifest, made, storage_class):
        raise Forbidden(f'{KINDS[kind].resource} "{name}" is forbidden: {refusal}')

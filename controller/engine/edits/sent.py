"""What of an edit is sent to the API server of a real cluster: the fields that it changes, and no others.

Admission of ours reads an object before it changes it: it fills in defaults and leaves out fields that are
newer than what we know. So what an edit changed is the way from the object as we read it to the object after
the edit, and that way is gone from the object as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.changes import Change, Verb
from controller.engine.edits.draft import Draft
from controller.engine.edits.reading import Found
from controller.engine.edits.undo import edited, merged
from controller.engine.objects import Manifest
from controller.engine.reasons import Reason

SERVERS = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink")
"""What of a new object's metadata its server writes."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The parts of an object that an edit may change, as they stand and as they shall be."""

    standing: Manifest
    wanted: Manifest

    @property
    def differ(self) -> bool:
        """Whether there is anything to do."""
        return self.standing != self.wanted


def fields_of(draft: Draft, found: Found, change: Change) -> Fields:
    """Return what a change of an object, decided on it as it was found, comes to on the server."""
    read = draft.replace(found, found.manifest, Reason.EDITED)
    before = edited(read.after.manifest if read else found.manifest)
    after, standing = edited(change.manifest), edited(found.manifest)
    return Fields(standing, merged(after, before, standing, "", theirs=None))


def is_deletion(found: Found | None, change: Change) -> bool:
    """Whether a change is, or begins, the end of an object."""
    if change.verb is Verb.DELETED:
        return True
    marked = "deletionTimestamp" in change.manifest["metadata"]
    return marked and found is not None and "deletionTimestamp" not in found.manifest["metadata"]


def new_object(manifest: Manifest) -> Manifest:
    """Return an object as it is sent to be created: without what its server writes."""
    meta = {name: value for name, value in manifest["metadata"].items() if name not in SERVERS}
    return {**{part: value for part, value in manifest.items() if part != "status"}, "metadata": meta}

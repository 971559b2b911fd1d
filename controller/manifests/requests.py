"""What a text asks for: the requests that services carry out, and that a check only decides."""

from __future__ import annotations

from collections.abc import Sequence

from controller.engine.edits.objects import CreateAll, Replace, key_of
from controller.engine.errors import OtherObject
from controller.engine.objects import LAST_APPLIED, Key
from controller.manifests.documents import Document, read_documents


def creation(documents: Sequence[Document]) -> CreateAll:
    """Return the request that creates all objects of a text, or none."""
    return CreateAll([(document.kind, document.manifest) for document in documents])


def replacement(text: str, key: Key, seen: str) -> Replace:
    """Return the request that writes one object anew, as it was ``seen``.

    Raises what ``read_documents`` raises, and OtherObject unless the text holds that object and nothing else.
    """
    documents, (kind, namespace, name) = read_documents(text), key
    wanted = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
    if len(documents) != 1:
        raise OtherObject(wanted, len(documents))
    manifest, meta = documents[0].manifest, documents[0].manifest.get("metadata") or {}
    if key_of(documents[0].kind, meta) != key:
        raise OtherObject(wanted, 1)
    # The version that counts is that of the form; one that was pasted along is of no meaning.
    bare = {field: value for field, value in meta.items() if field != "resourceVersion"}
    written = {**manifest, "metadata": bare}
    return Replace(key, written, seen=seen, action="object_edit", stay=frozenset({LAST_APPLIED}))

"""Manifests as people write them: YAML text in, objects out, and back.

``text`` reads YAML and fears it, ``documents`` finds the objects in it, ``dump`` writes one for a form,
``conversion`` rewrites those of versions that were removed.
"""

from __future__ import annotations

from controller.manifests.conversion import Conversion, Step, What, convert
from controller.manifests.documents import Document, read_documents
from controller.manifests.dump import dump
from controller.manifests.places import Places

__all__ = ["Conversion", "Document", "Places", "Step", "What", "convert", "dump", "read_documents"]

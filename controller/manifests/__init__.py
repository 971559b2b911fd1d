"""Manifests as people write them: YAML text in, objects out, and back.

``text`` reads YAML and fears it, ``documents`` finds the objects in it, ``requests`` says what is asked for
by them, ``faults`` and ``places`` what is wrong and where. ``dump`` writes one for a form, ``conversion``
rewrites those of versions that were removed.
"""

from __future__ import annotations

from controller.manifests.conversion import Conversion, Step, What, convert
from controller.manifests.documents import Document, inspect, read_documents
from controller.manifests.dump import dump
from controller.manifests.faults import Fault, in_order
from controller.manifests.places import faults_of
from controller.manifests.requests import creation, replacement

__all__ = [
    "Conversion",
    "Document",
    "Fault",
    "Step",
    "What",
    "convert",
    "creation",
    "dump",
    "faults_of",
    "in_order",
    "inspect",
    "read_documents",
    "replacement",
]

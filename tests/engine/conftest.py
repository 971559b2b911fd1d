"""A busy machine makes no rule false: generated examples have no deadline."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("engine", deadline=None)
settings.load_profile("engine")

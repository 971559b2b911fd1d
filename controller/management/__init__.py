"""What a person or the supervisor can call by name."""

from __future__ import annotations

"""Small words to the people who look at a cluster: somebody else paused its clock, somebody reset it.

They go over Channels' layer, best effort: what they tell of also shows on the map and in the audit list.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import BaseChannelLayer, channel_layers

from controller import broker

GROUP = "notices"
"""The layer's group to which every web process listens; the message names the cluster."""


def layer() -> BaseChannelLayer:
    """Return Channels' layer."""
    return channel_layers[DEFAULT_CHANNEL_LAYER]


def tell(cluster: int, *, person: str, code: str, facts: dict[str, Any]) -> None:
    """Tell everybody who looks at a cluster, but the person who did it. To be called after the commit."""
    message = {"type": "notice", "cluster": cluster, "person": person, "code": code, "facts": facts}
    broker.attempt(lambda _redis: async_to_sync(layer().group_send)(GROUP, message))

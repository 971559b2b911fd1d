"""ReplicaSets and ReplicationControllers: which pod goes first, and the numbers of a status."""

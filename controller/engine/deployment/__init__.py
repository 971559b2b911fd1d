"""Deployments: their ReplicaSets by template, the steps of a rollout, scaling in its middle, the status."""

"""The rules of Deployments."""

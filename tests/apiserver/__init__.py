"""Tests of the door for Kubernetes clients."""

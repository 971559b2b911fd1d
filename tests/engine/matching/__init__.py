"""Tests of how labels, taints and amounts compare."""

"""Tests of the DaemonSet controller's rules."""

"""Recordings of a real control plane, and what plays them."""

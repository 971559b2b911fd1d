"""Admission: what is filled in, what is refused, and in which words."""

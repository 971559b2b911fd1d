"""Manifests as people write them: text in, objects out, and back."""

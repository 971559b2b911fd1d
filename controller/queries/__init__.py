"""READS: what pages and doors ask. Nothing here writes."""

"""The rules of a cluster, as pure functions over plain data.

Nothing here reads a clock, a database, a network or a source of chance: time, names and uids are
arguments, and what shall happen comes out as a list of changes. That is why every verdict can be
asked again, replayed, previewed over an edited copy, and tested in microseconds.
"""

"""Where the rows of a cluster are read and written, and nowhere else.

Every write of an object goes through ``writes``: it is numbered, and the log keeps it. What the
objects mean is the engine's business; here they are text with a few columns.
"""

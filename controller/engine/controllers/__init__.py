"""The simulated controllers: one module or folder each, and the row in which they stand."""

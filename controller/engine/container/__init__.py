"""The inside of a simulated container: what its programs find, do and print."""

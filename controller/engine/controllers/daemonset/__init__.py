"""The DaemonSet controller: what it keeps by change, and what it does with one set in a pass."""

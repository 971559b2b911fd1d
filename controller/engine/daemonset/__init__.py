"""The DaemonSet controller: which nodes, which pods, which revision, and in which order."""

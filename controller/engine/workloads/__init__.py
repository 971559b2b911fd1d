"""What all controllers that make pods from a template share: DaemonSets and their neighbours."""

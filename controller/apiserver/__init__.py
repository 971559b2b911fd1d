"""The door for kubectl and every other Kubernetes client: the API server's words over services."""

"""How Kubernetes compares labels, taints and amounts: small rules that every controller shares."""

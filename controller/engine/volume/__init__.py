"""The rules of volumes and claims: which fit, in which phase they are, what pods with claims wait for."""

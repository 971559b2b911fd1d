"""The rules of StatefulSets: who a pod is, what a pass does, which claims are whose, the status."""

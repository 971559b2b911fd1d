"""Which node a pod without one is bound to, or why none will do: filters, score, preemption."""

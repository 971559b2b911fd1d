"""The rules of disruption budgets: how many pods of a selector may be evicted."""

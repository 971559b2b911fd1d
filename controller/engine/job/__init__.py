"""The rules of Jobs: which pods count, how many are wanted, when a Job is over."""

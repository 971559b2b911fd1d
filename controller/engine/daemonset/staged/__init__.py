"""Staged rollouts: a plan in a set's annotations says in which order, and how carefully, nodes are updated.

While a plan stands the set has the strategy OnDelete, and old pods are deleted wave by wave. What to do
next is a pure function of the set with its annotations and of its pairs, so that a process may die
between any two steps, and so that it serves simulated clusters and those behind an API alike.
"""

"""Mirrors: what real clusters hold, listed and watched, and written into our rows and log.

``kinds`` says what is kept of each object, ``nodeloads`` adds up what is not kept, ``ledger`` writes,
``mirroring`` follows one cluster and ``process`` as many as there are, each under a lease.
"""

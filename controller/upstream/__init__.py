"""API servers of real clusters: how one is reached, with which credentials, and what it answers.

``kubeconfig`` reads where it is, ``secrets`` keeps that sealed, ``addresses`` says whom we connect to, and
``client`` alone knows the library that speaks HTTP.
"""

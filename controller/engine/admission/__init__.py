"""What an object must be to enter the cluster: its fields' types, its defaults, its rules.

``admit`` is the door. ``shape`` reads wild JSON by the published table of ``fields``, ``defaults``
writes what was left out, and one module a subject states what the API server refuses, in its words.
"""

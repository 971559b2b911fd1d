"""What a namespace allows: how much may stand there together (ResourceQuota), and how much one may have.

Both are admission plugins of the API server, so they stand below admission and the controllers that make
pods: who creates something asks here.
"""

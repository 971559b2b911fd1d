"""Everything that can be done to a cluster, one use case a function, one transaction each.

Pages, commands, tasks and Django admin all come through here, so who may change what, how it is
checked, logged and told stands in one place. ``cluster`` is a cluster's id and ``actor`` the name of
the person; what cannot be done is raised as one of ``controller.engine.errors``.
"""

"""The scheduler: it binds what fits, and says of the rest why it does not."""

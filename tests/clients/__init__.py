"""Programs that others wrote, of their newest versions, against a running Everynode."""

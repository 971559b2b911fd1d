"""One daemon run in five ways, to see what each survives: what is made, and what became of it."""

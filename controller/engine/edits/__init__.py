"""What people and programs want changed: each edit is a value, decided without touching anything.

A request says what is wanted, ``decide`` says what would change and tells it as facts. A service
commits that, a what-if applies it to a fork of a world.
"""

"""The tests mirror the code; each docstring is the rule that its test holds."""

"""What templates may call: formatting only."""

"""What stands around the controller: machines, scheduler, events."""

"""What stands around the DaemonSet controller: machines, scheduler, node lifecycle, garbage."""

"""Parts of a running Everynode are killed, stopped and locked out, and the cluster has to move on."""

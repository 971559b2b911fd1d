"""One pass over a cluster: who looks at what, in which order, and what comes out."""

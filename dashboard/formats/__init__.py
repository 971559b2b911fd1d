"""How a language writes numbers where Everynode departs from Django (``FORMAT_MODULE_PATH``)."""

"""How fast Everynode is and how much memory it holds, measured from outside: ``make bench``."""

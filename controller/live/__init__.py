"""How the outside hears of changes at once: what travels over a socket, and who carries it there."""

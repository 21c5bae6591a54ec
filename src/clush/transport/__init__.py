"""How one node is reached: makers of command lines, and readers of what came of them."""

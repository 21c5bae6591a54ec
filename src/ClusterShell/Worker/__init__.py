"""Workers: each carries out one command on a set of nodes, in one way."""

"""Node groups: where they come from, how they are asked for, what a resolver makes of them."""

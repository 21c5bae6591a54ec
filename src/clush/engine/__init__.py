"""Input and output: the only room that touches descriptors, processes, signals, the clock."""

"""``clush`` without a command: a prompt, at which commands for the nodes are typed."""

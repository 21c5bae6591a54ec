"""The command line tools: ``clush``, ``clubak``, ``nodeset``."""

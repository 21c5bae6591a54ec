"""Where the configuration files are, what they may say, and what they say here.

Nothing is read before somebody asks for a value of it, so a broken file harms only the
tools that need what is in it.
"""

"""Scalable cluster administration.

The names below are the public library; each is imported when it is first used,
so that ``import clush`` costs nothing and a tool pays only for what it touches.
"""

__version__ = "2.0.0"

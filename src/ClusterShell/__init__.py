"""The classic programming interface, as scripts written for ClusterShell 1.10 know it.

Every module here adapts public names of :mod:`clush` to the classic ones; the work is done
there.  New programs use ``clush`` itself.
"""

# The release whose interface this package speaks, for programs that look.
__version__ = "1.10.1"

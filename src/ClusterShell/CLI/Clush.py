"""``clush`` as a module."""

from __future__ import annotations

from clush.cli import clush
from ClusterShell.CLI._calls import as_a_function

__all__ = ["main"]

main = as_a_function(clush.main)

if __name__ == "__main__":
    main()

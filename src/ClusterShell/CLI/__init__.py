"""The tools as modules: each has a ``main()`` that takes its words from ``sys.argv``.

They read and write what ``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` are when they are
called, leave with ``SystemExit``, and can be called again.
"""

"""The tree of gateways: jobs at any number of hops, each hop sending itself to the next.

``docs/tree.md`` says what it rests on.  What runs on gateways is listed in ``pack.py`` and
imports nothing but the standard library, the rooms below, and itself.
"""

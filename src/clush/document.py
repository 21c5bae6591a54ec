"""How what nodes said leaves the program as JSON: what all documents have in common.

Described in docs/results.md.  Values only; nothing here imports json.
"""

from __future__ import annotations

# The number changes when a reader of the present form would misunderstand the new one.
SCHEMA = "clush-result/1"


def text(key: str, data: bytes) -> dict[str, str]:
    """``data`` as text under ``key``; if it is not UTF-8 it is also there as it is, in base64."""
    try:
        return {key: data.decode()}
    except UnicodeDecodeError:
        from binascii import b2a_base64  # rarely needed

        exact = b2a_base64(data, newline=False).decode()
        return {key: data.decode(errors="replace"), f"{key}_base64": exact}


def said(key: str, data: bytes, nodes: str, count: int) -> dict[str, object]:
    """That ``nodes``, a node set of so many, all said ``data``."""
    return {"nodes": nodes, "count": count, **text(key, data)}

"""Bytes as JSON can hold them, without loss."""

from __future__ import annotations

from base64 import b64decode

import pytest

from clush.document import said, text


@pytest.mark.parametrize("data", [b"", b"ok\r\n", "caf\u00e9\n".encode(), b"\x00\x1b[1m"])
def test_text_is_text(data: bytes) -> None:
    assert text("stdout", data) == {"stdout": data.decode()}


@pytest.mark.parametrize("data", [b"\xff", b"caf\xe9\n", bytes(range(256))])
def test_what_is_no_text_is_there_as_it_is(data: bytes) -> None:
    fields = text("stdout", data)
    assert set(fields) == {"stdout", "stdout_base64"}
    assert fields["stdout"] == data.decode(errors="replace")
    assert b64decode(fields["stdout_base64"]) == data


def test_what_is_said_has_its_nodes() -> None:
    assert said("stderr", b"\xff", "n[1-3]", 3) == {
        "nodes": "n[1-3]", "count": 3, "stderr": "\ufffd", "stderr_base64": "/w==",
    }  # fmt: skip

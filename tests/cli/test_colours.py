"""When colours are used."""

from __future__ import annotations

from typing import Optional

import pytest

from clush.cli.colours import STDOUT, paint, wanted


@pytest.mark.parametrize(
    ("when", "tty", "environ", "expected"),
    [
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"CLICOLOR_FORCE": "1"}, False),
        ("auto", True, {"NO_COLOR": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, False),
        ("", True, {"NO_COLOR": "1"}, True),
        ("", False, {}, False),
        (None, True, {}, True),
        (None, False, {}, False),
        (None, True, {"NO_COLOR": ""}, False),
        (None, False, {"NO_COLOR": "", "CLICOLOR_FORCE": "1"}, False),
        (None, False, {"CLICOLOR_FORCE": ""}, True),
        (None, False, {"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, True),
        (None, False, {"CLICOLOR_FORCE": "0"}, False),
        (None, True, {"CLICOLOR_FORCE": "0"}, True),
        (None, True, {"CLICOLOR": "0"}, False),
        (None, True, {"CLICOLOR": "1"}, True),
        (None, False, {"CLICOLOR": "1"}, False),
    ],
)
def test_wanted(when: Optional[str], tty: bool, environ: dict[str, str], expected: bool) -> None:
    assert wanted(when, tty, environ) is expected


def test_no_colour_leaves_the_text_alone() -> None:
    assert paint(b"", b"n1: ") == b"n1: "
    assert paint(STDOUT, b"n1: ") == b"\x1b[94mn1: \x1b[0m"

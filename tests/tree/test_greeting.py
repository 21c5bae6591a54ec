"""What gateways say first, and why they may have said nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.errors import GatewayError
from clush.tree.greeting import NO_MAGIC, NOISE_MOST, Greeting, Interpreter, explain, silent
from clush.tree.stage0 import MARK

HELLO = MARK + b"0x30912f0 610d0d0a\n"
OURS = Interpreter((3, 9, 18), bytes.fromhex("610d0d0a"))


def heard(data: bytes) -> Greeting:
    greeting = Greeting("gw1")
    assert greeting.feed(data)
    return greeting


@given(st.binary(max_size=40), st.binary(max_size=40), st.lists(st.integers(0, 120)))
def test_the_same_wherever_it_is_cut(noise: bytes, rest: bytes, cuts: list[int]) -> None:
    if MARK in noise + MARK[:-1]:
        return
    data = noise + HELLO + rest
    greeting = Greeting("gw1")
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    complete = [greeting.feed(data[a:b]) for a, b in zip(places, places[1:])]
    assert complete == [end >= len(noise + HELLO) for end in places[1:]]
    assert (greeting.noise, greeting.interpreter, greeting.rest) == (noise, OURS, rest)


def test_a_mark_that_is_none_is_noise() -> None:
    assert heard(MARK[:3] + MARK[:-1] + b"\0" + HELLO).noise == MARK[:3] + MARK[:-1] + b"\0"


def test_noise_is_bounded() -> None:
    greeting = Greeting("gw1")
    for _ in range(20):
        assert not greeting.feed(b"x" * (NOISE_MOST // 10))
    assert greeting.feed(HELLO)
    assert greeting.noise == b"x" * NOISE_MOST


@pytest.mark.parametrize("word", ["None", "False"])
def test_an_interpreter_that_can_have_nothing_compiled(word: str) -> None:
    greeting = heard(MARK + f"0x30d00f0 {word}\n".encode())
    assert greeting.interpreter == Interpreter((3, 13, 0), NO_MAGIC)


@pytest.mark.parametrize(
    ("number", "version"),
    [("0x20712f0", "2.7"), ("0x3000000", "3.0"), ("0x3060ff0", "3.6"), ("0x30812f0", "3.8")],
)
def test_what_is_too_old_is_refused(number: str, version: str) -> None:
    with pytest.raises(GatewayError) as caught:
        Greeting("gw1").feed(MARK + f"{number} False\n".encode())
    assert str(caught.value) == (
        f"gateway gw1: its python3 is {version}, 3.9 or newer is needed"
        " (set CLUSTERSHELL_GW_PYTHON_EXECUTABLE)"
    )
    assert caught.value.gateway == "gw1"


def test_the_interpreter_that_was_asked_for_is_named() -> None:
    with pytest.raises(GatewayError, match=r"its /opt/python/bin/python is 3\.6"):
        Greeting("gw1", "/opt/python/bin/python").feed(MARK + b"0x3060ff0 False\n")


@pytest.mark.parametrize(
    "line",
    [b"\n", b"0x30d00f0\n", b"30d00f0 610d0d0a\n", b"0x30d00f0 610d0d0a more\n", b"0x30d00f0 x\n",
     b"0x30d00f0 610d0d0a" + b" " * 100],
)  # fmt: skip
def test_what_is_no_greeting_behind_the_mark(line: bytes) -> None:
    with pytest.raises(GatewayError, match="gateway gw1: what it says first is no greeting"):
        Greeting("gw1").feed(MARK + line)


SET = "(set CLUSTERSHELL_GW_PYTHON_EXECUTABLE)"
REFUSED = b"ssh: connect to host gw1 port 22: Connection refused\r\n"
SAID = [
    # code, what came on standard output, and on standard error -> the reason
    (127, b"", b"bash: line 1: python3: command not found\n",
     f"no Python there: bash: line 1: python3: command not found {SET}"),
    (127, b"Welcome\n", b"sh: 1: python3: not found\n",
     f"no Python there: sh: 1: python3: not found {SET}"),
    (0, b"", b"python3: Command not found.\n",  # of csh
     f"no Python there: python3: Command not found. {SET}"),
    (127, b"", b"fish: Unknown command: python3\nfish: \npython3 -ESs -c '...'; exit\n^~~~~~^\n",
     f"no Python there: fish: Unknown command: python3 {SET}"),
    (127, b"", b"", f"no Python there {SET}"),
    (126, b"", b"bash: /opt/python3: Permission denied\n",
     f"its Python cannot be executed: bash: /opt/python3: Permission denied {SET}"),
    (255, b"", REFUSED,
     "the connection failed: ssh: connect to host gw1 port 22: Connection refused"),
    (255, b"Welcome\n", b"root@gw1: Permission denied (publickey).\r\n",
     "the connection failed: root@gw1: Permission denied (publickey)."),
    (255, b"", b"Connection to gw1 closed by remote host.\r\n",
     "the connection failed: Connection to gw1 closed by remote host."),
    (255, b"", b"", "it ended with code 255 without a word before it could be used"),
    (255, b"", b"Bad owner on /root/.ssh/config\n",
     "it ended with code 255 before it could be used: Bad owner on /root/.ssh/config"),
    (1, b"This account is currently not available.\n", b"",
     "it lets nobody in: This account is currently not available."),
    (1, b"", b"Badly placed ()'s.\n",
     "its login shell does not understand us: Badly placed ()'s."),
    (2, b"", b"-rsh: syntax error near unexpected token `('\n",
     "its login shell does not understand us: -rsh: syntax error near unexpected token `('"),
    (0, b"", b"", "its login shell ended and ran no command (does its profile exit?)"),
    (0, b"Welcome\n", b"",
     "its login shell ended and ran no command (does its profile exit?): Welcome"),
    (1, b"", b"", "it ended with code 1 without a word (is its login shell /bin/false?)"),
    (3, b"", b"", "it ended with code 3 without a word before it could be used"),
    (3, b"Welcome\nno quota left\n", b"",
     "it ended with code 3 before it could be used: no quota left"),
    (1, b"", b"Traceback (most recent call last):\n  ...\nImportError: No module named zlib\n",
     "it ended with code 1 before it could be used: ImportError: No module named zlib"),
    (-9, b"", b"", "the program that reaches it was killed by signal 9"),
    (None, b"", b"", "nobody knows how it ended"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "noise", "words", "reason"), SAID)
def test_reasons(code: int | None, noise: bytes, words: bytes, reason: str) -> None:
    assert explain("gw1", code, noise, words) == f"gateway gw1: {reason}"


@given(st.integers(-64, 255) | st.none(), st.binary(max_size=300), st.binary(max_size=300))
def test_a_reason_is_one_line_for_people(code: int | None, noise: bytes, words: bytes) -> None:
    reason = explain("gw1", code, noise, words)
    assert reason.startswith("gateway gw1: ")
    assert reason.isprintable()
    assert len(reason) < 400


def test_one_that_says_nothing() -> None:
    assert silent("gw1", 20.0, False) == (
        "gateway gw1: not ready after 20 s"
        " (does the connection hang, or the profile of its shell wait for input?)"
    )
    assert silent("gw1", 20.0, True) == (
        "gateway gw1: not ready after 20 s,"
        " though its Python had answered (does the connection hang?)"
    )


def test_one_that_goes_on_before_it_was_told_anything_is_given_up() -> None:
    greeting = Greeting("gw1")
    assert greeting.feed(MARK + b"0x3090000 00000001\n")
    with pytest.raises(GatewayError, match="it says much before it was told anything"):
        for _ in range(NOISE_MOST):
            greeting.feed(b"xx")
    assert len(greeting.rest) <= NOISE_MOST + 2

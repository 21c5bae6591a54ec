"""Expressions: what they denote, what is refused and where."""

from __future__ import annotations

import pytest

from clush.errors import (
    NodeSetExternalError,
    NodeSetParseError,
    NodeSetParseRangeError,
    RangeSetError,
)
from clush.sets import algebra, encode
from clush.sets.decode import decode
from clush.sets.rangetext import MAX_SPREAD
from clush.sets.resolver import NO_GROUPS

EXPRESSIONS = [
    ("", "", 0),
    (" \t\n", "", 0),
    ("c2,c1,c3,login", "c[1-3],login", 4),
    ("c[1-6]!c[2-3],c3", "c[1,3-6]", 5),
    ("c[1-6]!c5&c[4-9]^c[6-7]", "c[4,7]", 2),
    ("p,q&q", "q", 1),
    ("a!a", "", 0),
    ("a^b^c", "a,b,c", 3),
    ("a!b,b", "a,b", 2),
    (" c1 , c[2, 4 - 5 ] ", "c[1-2,4-5]", 4),
    ("c1\n,\tc2", "c[1-2]", 2),
    ("c1 c2", "c1 c2", 1),
    ("lab%eth[0-1]", "lab%eth[0-1]", 2),
    ("x%s[1-2]", "x%s[1-2]", 2),
    ("h{1,2}", "2},h{1", 2),
    ("a@b,user@host1", "a@b,user@host1", 2),
]

OPERANDS = [
    ("[3-4]rack", "[3-4]rack", 2),
    ("n[1-2]-ib", "n[1-2]-ib", 2),
    ("r[1-2]n[1-3]", "r[1-2]n[1-3]", 6),
    ("r4n[7-8],r5n[7-8]", "r[4-5]n[7-8]", 4),
    ("7,8,[10-11]", "[7-8,10-11]", 4),
    ("10.1.[0-1].[7-9]", "10.1.[0-1].[7-9]", 6),
    ("n[5]", "n5", 1),
    ("1-5", "1-5", 1),
    ("n1 [2-3]", "n1 [2-3]", 2),
    ("a[1-2] b", "a[1-2] b", 2),
    ("n[08-10],n[8-10]", "n[8-9,08-10]", 5),
    ("n१[1-2]", "n१[1-2]", 2),
    ("n[1-5/2]", "n[1,3,5]", 3),
    ("z[1-268435456]", "z[1-268435456]", 268435456),
]

GLUED = [
    ("n0[1-3]", "n[01-03]", 3),
    ("n00[1-3]0", "n[0010,0020,0030]", 3),
    ("n[8-12]0", "n[80,90,100,110,120]", 5),
    ("n[ 8 - 10 , 2 ]0", "n[20,80,90,100]", 4),
    ("n[0-9]0", "n[00,10,20,30,40,50,60,70,80,90]", 10),
    ("n1[0-20/10]", "n[10,110,120]", 3),
    ("n4[00-01,000-001]", "n[400-401,4000-4001]", 4),
    ("n1[1-2]b1[1-2]", "n[11-12]b[11-12]", 4),
    ("n0[9,11]", "n[09,011]", 2),
    ("n1[9,11]", "n[19,111]", 2),
    ("n1[8-12]", "n[18-112]", 95),
    ("n3[5-120]", "n[35-3120]", 3086),
    ("n1[1-12/1]", "n[11-112]", 102),
    ("5[1-2]", "[51-52]", 2),
    ("[1-2]5", "[15,25]", 2),
    ("n[1-2]3x", "n[13,23]x", 2),
    ("n2[7-1100/546]", "n[27,2553,21099]", 3),
    ("n2[08-10/2]", "n[208,210]", 2),
    # A range is read between its ends; what is written one by one is one by one.
    ("n1[9,10]", "n[19,110]", 2),
    ("n0[9,10]", "n[09,010]", 2),
    ("n1[1-9,10-20]", "n[11-19,110-120]", 20),
]

SIGNED = [
    ("n[-5]", "n-5", 1),
    ("n[-5],n-5", "n-5", 1),
    ("n[-2-1]", "n[0-1],n-[1-2]", 4),
    ("n[-5]0", "n-50", 1),
    ("a[-1-1]b[-2]c", "a[0-1]b-2c,a-1b-2c", 3),
    ("n[-300000--1]", "n-[1-300000]", 300000),
]


@pytest.mark.parametrize(("text", "folded", "count"), EXPRESSIONS + OPERANDS + GLUED + SIGNED)
def test_denotes(text: str, folded: str, count: int) -> None:
    mapping = decode(text, NO_GROUPS)
    assert encode.text(mapping) == folded
    assert sum(map(algebra.size, mapping.values())) == count
    assert decode(folded, NO_GROUPS) == mapping


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("c1,,c2", "missing nodeset operand with ',' operator: \"c2\"", 3),
        ("c1!", "missing nodeset operand with '!' operator: \"c1\"", 2),
        ("^c1", "missing nodeset operand with '^' operator: \"c1\"", 0),
        ("&", "missing nodeset operand with '&' operator", 0),
        ("a,b,,c,d", "missing nodeset operand with ',' operator: \"c,d\"", 4),
        ("a!,b", "missing nodeset operand with ',' operator: \"b\"", 2),
        ("a[1-2],", "missing nodeset operand with ',' operator: \"a[1-2]\"", 6),
        ("c[1-3", 'missing bracket: "c[1-3"', 0),
        ("x,c[1-3", 'missing bracket: "c[1-3"', 2),
        ("c1-3]", 'illegal closing bracket: "c1-3]"', 0),
        ("c[1]x]", 'illegal closing bracket: "x]"', 4),
        ("c[1[2]]", 'illegal closing bracket: "]"', 5),
        ("c[1-2][3]", 'illegal reopening bracket: "[3]"', 6),
        ("b,c[1-2]7[3]", 'illegal reopening bracket: "[3]"', 9),
        ("c[1-5/2]0", 'illegal trailing digits after range with steps: "0"', 8),
        ("(a,b)&c", 'parentheses are not supported, use operators from left to right: "(a"', 0),
        ("a,b)", 'parentheses are not supported, use operators from left to right: "b)"', 2),
        (
            "x" + "a[-1-1]" * 7,
            f'more than 6 axes with negative indexes: "{"x" + "a[-1-1]" * 7}"',
            0,
        ),
        ("n(1-2)", 'parentheses are not supported, use operators from left to right: "n(1-2)"', 0),
    ],
)
def test_refused(text: str, message: str, position: int) -> None:
    with pytest.raises(NodeSetParseError) as caught:
        decode(text, NO_GROUPS)
    error = caught.value
    assert str(error) == message
    assert (error.text, error.position) == (text, position)
    assert not error.part or str(error).endswith(f'"{error.part}"')


@pytest.mark.parametrize(
    ("text", "part", "position"),
    [
        ("c[]", "empty range", 0),
        ("c[x]", 'cannot convert string to integer : "x"', 2),
        ("c[1!2]", 'cannot convert string to integer : "1!2"', 2),
        ("c0[9-11]", 'padding length mismatch : "09-011"', 0),
        ("a,c[1-2,9-3]", 'invalid values in range : "9-3"', 8),
        ("n[1-2-3]", 'cannot convert string to integer : "1-2-3"', 2),
        ("n[1_0]", 'cannot convert string to integer : "1_0"', 2),
        ("n[१]", 'cannot convert string to integer : "१"', 2),
        ("c[1-3,d[4]", 'cannot convert string to integer : "d[4"', 6),
        ("n0[-1]", 'negative index after digits : "-1"', 3),
        ("a,n[]5", "empty range", 2),
        ("a" + "1" * 101 + ",b,[3]", f'invalid rangeset index : "{"1" * 101}"', 1),
        ("n" + "1" * 101, f'invalid rangeset index : "{"1" * 101}"', 1),
        ("n" + "1" * 5000, f'invalid rangeset index : "{"1" * 5000}"', 1),
        ("n[1-99999999999]", f'range too large (limit is {MAX_SPREAD}) : "1-99999999999"', 2),
        (
            "n[1-99999999]000",
            f'range too large (limit is {MAX_SPREAD}) : "1000-99999999000/1000"',
            0,
        ),
        ("n9[1-99999999]", f'range too large (limit is {MAX_SPREAD}) : "91-999999999"', 0),
    ],
)
def test_refused_brackets(text: str, part: str, position: int) -> None:
    with pytest.raises(NodeSetParseRangeError) as caught:
        decode(text, NO_GROUPS)
    error = caught.value
    assert str(error) == f'bad range: "{part}"'
    assert error.part == part
    assert (error.text, error.position) == (text, position)
    assert not isinstance(error, RangeSetError)


def test_products_are_not_spelled_out() -> None:
    text = "".join(f"{letter}[1-1000]" for letter in "abcdef")
    (part,) = decode(text, NO_GROUPS).values()
    assert part is not None
    assert len(part) == 10**18
    with pytest.raises(NodeSetParseError, match="illegal reopening bracket"):
        decode("a[1-9]" + "[1-9]" * 30, NO_GROUPS)


@pytest.mark.parametrize("text", ["@g", "n1,@g", "@", "n*", "n?", "a,*!b"])
def test_groups_and_wildcards_need_a_resolver(text: str, empty_slot: None) -> None:
    with pytest.raises(NodeSetExternalError, match="no group resolver"):
        decode(text)


def test_without_groups_their_characters_are_plain() -> None:
    assert encode.text(decode("@web[1-2],n*,@@,?", NO_GROUPS)) == "?,@@,@web[1-2],n*"

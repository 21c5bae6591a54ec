"""``nodeset`` from the command line: operands, commands, formats, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clush.cli.nodeset import main

USAGE = "Usage: nodeset [COMMAND] [OPTIONS] [ns1 [-ixX] ns2|...]\n\nnodeset: error: "
EMPTY_LEFT = "WARNING: empty left operand for set operation\n"

# Words after the program's name (NL stands for a newline), standard input, output.
ANSWERS = [
    # Commands
    ("-f n1 n2", "", "n[1-2]\n"),
    ("--fold n3,n1 n2", "", "n[1-3]\n"),
    ("-f -f n1", "", "n1\n"),
    ("-e n[1-3]", "", "n1 n2 n3\n"),
    ("-c n[1-3],n2,m1", "", "4\n"),
    ("--cou n1", "", "1\n"),
    ("--index n7 n[5-9]", "", "2\n"),
    ("--index n1 --index n2 n[1-4]", "", "1\n"),
    ("--index n2 --split 2 n[1-4]", "", "1\n"),
    ("--index n3 -I 1-2 n[1-4]", "", "1\n"),
    # Operands
    ("-f n5NLn6 NLn7NL", "", "n[5-7]\n"),
    ("-f n5NL-xNLn6", "", "-x,n[5-6]\n"),
    ("-f a_b!a_b,c d", "", "c,d\n"),
    ("-f n[1-9] -x n6 -i n[5-12] n50 -X n[7-8]", "", "n[5,9,50]\n"),
    ("-f n[1-3] --exclude n1 --intersection n[2-9] --xor n[3-4]", "", "n[2,4]\n"),
    ("-f n[1-3] --exclude=n1", "", "--exclude=n1,n[1-3]\n"),
    ("-f n1 -c -- -xn1", "", "--,-c,-xn1,n1\n"),
    ("-f -- n1 -x n1", "", "\n"),
    ("-e n1 -x -i n2", "", "n1 n2\n"),
    ("-f n[1-2]NLn5 -x n1NLn5", "", "n2\n"),
    ("-f n1 -x  n4", "", "n[1,4]\n"),
    ("-f ", "", "\n"),
    ("-c n1 -x n1", "", "0\n"),
    # Standard input
    ("-f", "n1 n2 # spare\nn[4-5]\n\n#n9", "n[1-2,4-5]\n"),
    ("-f n3 -", "n1 n2 # spare\nn[4-5]\n", "n[1-5]\n"),
    ("-f n3", "n1", "n3\n"),
    ("-e n[1-3] -x -", "n2\n", "n1 n3\n"),
    ("-f -x n1", "n1,n2\n", "n2\n"),
    ("-f -x n2 -i n[1-3]", "n[1-5]\n", "n[1,3]\n"),
    ("-f -X n9 -x n9", "n[1-5]\n", "n[1-5]\n"),
    ("-f -x n9 -X n9", "n[1-5]\n", "n[1-5,9]\n"),
    ("-f - -", "n1 n2", "n[1-2]\n"),
    ("-f - -x -", "n1 n2", "n[1-2]\n"),
    ("-f -i -", "n1 n2", "\n"),
    ("-c", "", "0\n"),
    # Slices, picks and parts
    ("-I 0-1 -e n[5-9] m1", "", "m1 n5\n"),
    ("-I 2-20/3 -f n[1-9]", "", "n[3,6,9]\n"),
    ("-I 5,0,0,99 -f n[1-9]", "", "n[1,6]\n"),
    ("-I 00-02 -f n[1-9]", "", "n[1-3]\n"),
    ("-I -1 -f n[1-9]", "", "\n"),
    ("-I -3-1 -f n[1-9]", "", "n[1-2]\n"),
    ("-I -3-9/2 -f n[0-9]", "", "n[1,3,5,7,9]\n"),
    ("-I  -f n1", "", "n1\n"),
    ("--pick 2 -c n[1-9]", "", "2\n"),
    ("--pick 0 -c n[1-9]", "", "9\n"),
    ("--pick 20 -f n[1-9]", "", "n[1-9]\n"),
    ("--split=3 -e n[1-7]", "", "n1 n2 n3\nn4 n5\nn6 n7\n"),
    ("--split=9 -f n[1-2]", "", "n1\nn2\n"),
    ("--split=0 -f n[1-2]", "", "n[1-2]\n"),
    ("--split=-1 -f n[1-2]", "", "n[1-2]\n"),
    ("--split=5 -c n1 -x n1", "", "0\n"),
    ("--split=5 -f n1 -x n1", "", "\n"),
    ("--contiguous -e n1 -x n1", "", "\n"),
    ("--contiguous -c n[1-3,7,9-10]", "", "3\n1\n2\n"),
    ("--contiguous -f a[1-2,4]b[1-2],n,c[1,3]", "", "a[1-2]b[1-2]\na4b[1-2]\nc1\nc3\nn\n"),
    # Formats
    (r"-S \n -O <%s> -e n[1-2]", "", "<n1>\n<n2>\n"),
    (r"-S \x41\t\0\\ -e a b", "", "aA\t\0\\b\n"),
    ("-S é -e a b", "", "aéb\n"),
    (r"-S é\xe9 -e a b", "", "aééb\n"),
    ("-S  -e a b", "", "ab\n"),
    ("-S NL -e a b", "", "a\nb\n"),
    ("-S -- -e a b", "", "a--b\n"),
    ("-O %s-ib -f n[1-2] gw", "", "gw-ib,n[1-2]-ib\n"),
    ("-O %s1 -f n[1-2]", "", "n[11,21]\n"),
    ("-O x-%s1 -f a[1-2]b[1-2] c", "", "x-a[1-2]b[11,21],x-c1\n"),
    ("-O 2%s -f [1-2]b[1-2] 5", "", "25,[21-22]b[1-2]\n"),
    ("-O @%s -f n[1-3]", "", "@n[1-3]\n"),
    ("-O %s!n1 -f n[1-3]", "", "n[1-3]!n1\n"),
    ("-O %s,%% -f n[1-3]", "", "n[1-3],%\n"),
    ("-O [%s] -f n[1-3]", "", "[n[1-3]]\n"),
    ("-O %-5s| -f n[1-3]", "", "n[1-3]   |\n"),
    ("-O %s0 --autostep=3 -f n[1,3,5]", "", "n[10-50/20]\n"),
    ("-O %s0 --axis=1 -f a[1-2]b[1-2]", "", "a[1-2]b10,a[1-2]b20\n"),
    ("-O %05d -c n[1-2]", "", "00002\n"),
    ("-O %05d --index n2 n[1-3]", "", "00001\n"),
    # Folding
    ("--autostep=3 -f n[1,3,5,20]", "", "n[1-5/2,20]\n"),
    ("--autostep=80% -f n[1,3,5,20]", "", "n[1,3,5,20]\n"),
    ("--autostep=75% -f n[1,3,5,20]", "", "n[1-5/2,20]\n"),
    ("--autostep=75.5% -f n[1,3,5,20]", "", "n[1,3,5,20]\n"),
    ("--autostep=auto -f n[1,3,5]", "", "n[1-5/2]\n"),
    ("--autostep=auto -f n[1,3,5],m[1,3,5]", "", "m[1,3,5],n[1,3,5]\n"),
    ("--autostep=100% -I 0-2 -f n[1,3,5,9]", "", "n[1-5/2]\n"),
    ("--autostep=auto --split 2 -f n[1,3,5,7,9,11]", "", "n[1,3,5]\nn[7,9,11]\n"),
    ("--autostep=101% -f n[1,3,5]", "", "n[1,3,5]\n"),
    ("--autostep=0 -f n[1,3,5,6]", "", "n[1-5/2,6]\n"),
    ("--autostep=-3 -f n[1,3,5,6]", "", "n[1-5/2,6]\n"),
    ("--autostep=auto -e n[1-5/2]", "", "n1 n3 n5\n"),
    ("--axis=1 -f a[1-2]b[1-2]", "", "a[1-2]b1,a[1-2]b2\n"),
    ("--axis=-1 -f a[1-2]b[1-2],c[1-2]", "", "a1b[1-2],a2b[1-2],c[1-2]\n"),
    ("--axis=2 -f a[1-2]b[1-2],c[1-2]", "", "a1b[1-2],a2b[1-2],c1,c2\n"),
    ("--axis=1-2,7 -f a[1-2]b[1-2]", "", "a[1-2]b[1-2]\n"),
    ("--axis=0 -f a[1-2]b[1-2]", "", "a1b1,a2b1,a1b2,a2b2\n"),
    ("--axis=-1,-2 -f a[1-2]b[1-2]", "", "a[1-2]b[1-2]\n"),
    ("--axis=1 --split=2 -f a[1-2]b[1-2]", "", "a1b1,a1b2\na2b1,a2b2\n"),
    ("--axis= -f a[1-2]b[1-2]", "", "a[1-2]b[1-2]\n"),
    # Ranges
    ("-R -f 1-10 -x 3 -i 1-5 -X 20", "", "1-2,4-5,20\n"),
    ("-R -f 1-5NL7  8", "", "1-5,7-8\n"),
    ("-R -f", "1 2\n3-4 # x\n", "1-4\n"),
    ("-R -f 01-03 1", "", "1,01-03\n"),
    ("-R --autostep=3 -f 1,3,5,9", "", "1-5/2,9\n"),
    ("-R --index 07 05-09", "", "2\n"),
    ("-R -e --split 2 1-5", "", "1 2 3\n4 5\n"),
    ("-R -e --contiguous 1-3,5", "", "1 2 3\n5\n"),
    ("-R -O a%s -e 1-3", "", "a1 a2 a3\n"),
    ("-R -O a%s -f 1-3,5", "", "a1-3,5\n"),
    ("-R -I 0-2 -c 1-3,5", "", "3\n"),
    ("-R --pick 2 -c 1-3", "", "2\n"),
]


def words(line: str) -> list[str]:
    return [word.replace("NL", "\n") for word in line.split(" ")]


@pytest.mark.parametrize(("line", "stdin", "out"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_answers(tool, line: str, stdin: str, out: str) -> None:
    ran = tool(main, "nodeset", *words(line), stdin=stdin)
    assert (ran.out, ran.rc) == (out, 0)
    assert ran.err in ("", EMPTY_LEFT)


@pytest.mark.parametrize(
    ("line", "stdin", "warned"),
    [
        ("-f -x n6 n[5-7]", "", True),
        ("-f -x n6 n[5-7]", "n6", True),
        ("-f -x n6", "", True),
        ("-f -x n6", "n6", False),
        ("-q -f -x n6 n[5-7]", "", False),
        ("-f n6 -x n6 -x n6", "", False),
    ],
)
def test_an_operation_without_left_side(tool, line: str, stdin: str, warned: bool) -> None:
    ran = tool(main, "nodeset", *words(line), stdin=stdin)
    assert (ran.err, ran.rc) == (EMPTY_LEFT if warned else "", 0)


@pytest.mark.parametrize(
    ("line", "rc", "err"),
    [
        ("n1", 2, USAGE + "No command specified."),
        ("-f -e n1", 2, USAGE + "Multiple commands not allowed."),
        ("-f --index n1 n1", 2, USAGE + "Multiple commands not allowed."),
        ("--e n1", 2, USAGE + "ambiguous option: --e (--exclude, --expand?)"),
        ("--zork", 2, USAGE + "no such option: --zork"),
        ("-f -x", 2, USAGE + "-x option requires 1 argument"),
        ("--pick x -f", 2, USAGE + "option --pick: invalid integer value: 'x'"),
        *(
            (
                f"-f --autostep={value} n1",
                2,
                f"{USAGE}option --autostep: invalid value: '{value}',"
                " should be node count, node percentage or 'auto'",
            )
            for value in ("x", "", "%", "nan%", "1.5")
        ),
        (
            "--split 2 --contiguous -f n1",
            2,
            USAGE + "incompatible splitting options (split, contiguous)",
        ),
        ("--index n1 --pick 1 n1", 2, USAGE + "--index cannot be combined with --pick"),
        *(
            (line, 2, USAGE + "--axis option is only supported when folding nodeset")
            for line in ("--axis=1 -c a1", "--axis=1 -R -f 1")
        ),
        ("-f --axis=x n1", 1, 'nodeset: Parse error: cannot convert string to integer : "x"'),
        ("-f -I x n1", 1, 'nodeset: Parse error: cannot convert string to integer : "x"'),
        ("-R -f x", 1, 'nodeset: Parse error: cannot convert string to integer : "x"'),
        ("-f n[1", 1, 'nodeset: Parse error: missing bracket: "n[1"'),
        ("-f n]", 1, 'nodeset: Parse error: illegal closing bracket: "n]"'),
        ("-f n[]", 1, 'nodeset: Parse error: bad range: "empty range"'),
        ("-f n1,", 1, "nodeset: Parse error: missing nodeset operand with ',' operator: \"n1\""),
        ("-f n1 -x x[", 1, 'nodeset: Parse error: missing bracket: "x["'),
        ("-f n1 -x n1 -x", 1, "ERROR: -x option requires 1 argument"),
        ("-f --pick=-1 n1", 1, "ERROR: --pick: cannot pick -1 of 1"),
        ("-e -S \\ n1", 1, "ERROR: invalid separator"),
        ("-e -S \\xZ n1", 1, "ERROR: invalid separator"),
        ("--index web9 web[1-3]", 1, "ERROR: 'web9' is not in nodeset"),
        ("--index n[1-2] n[1-3]", 1, "ERROR: index() argument must be a single node"),
        ("--index  n[1-3]", 1, "ERROR: index() argument must be a single node"),
        ("-R --index 7 1-5", 1, "ERROR: 7 is not in RangeSet"),
        *(
            (line, 1, f"ERROR: --output-format {given!r} cannot show {shown}: it needs one '%s'")
            for line, given, shown in (
                ("-O a -f n1", "a", "'n1'"),
                ("-O %s%s -e n1", "%s%s", "'n1'"),
                ("-O % -c n1", "%", "1"),
                ("-O %(a)s -c n1", "%(a)s", "1"),
                ("-O %d -R -f 1-2", "%d", "'1-2'"),
            )
        ),
    ],
)
def test_errors(tool, line: str, rc: int, err: str) -> None:
    assert tool(main, "nodeset", *words(line)) == ("", err + "\n", rc)


def test_the_name_it_is_called_by(tool) -> None:
    assert tool(main, "/usr/bin/cluset", "-f", "n[").err.startswith("cluset: Parse error: ")
    assert tool(main, "/usr/bin/cluset").err.startswith("Usage: cluset [COMMAND]")


def test_help_fits_a_screen(tool) -> None:
    lines = tool(main, "nodeset", "--help").out.splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80


def test_names_that_are_not_utf8_come_out_as_they_went_in() -> None:
    script = Path(sys.executable).with_name("nodeset")
    ran = subprocess.run(
        [script, "-f", b"n\xff[1-2]", "-"],
        input=b"m\xfe1 m\xfe2\n",
        capture_output=True,
        check=True,
    )
    assert ran.stdout == b"m\xfe[1-2],n\xff[1-2]\n"


def test_it_starts_with_next_to_nothing_imported() -> None:
    """Its start-up time is its run time: what costs milliseconds must stay out."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "sys.argv = ['nodeset', '-f', 'a1', 'a2']\n"
        "from clush.cli.nodeset import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted(name for name in set(sys.modules) - before if 'clush' not in name))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    folded, modules = ran.stdout.splitlines()
    assert folded == "a[1-2]"
    heavy = {"re", "typing", "enum", "collections", "functools", "logging", "optparse", "argparse"}
    assert not heavy & set(modules.split())
    assert len(modules.split()) <= 6

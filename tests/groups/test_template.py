"""Names in commands: the shell must see data, whatever the name and wherever it stands."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clush.groups.reading import BARE, COMMENT, DOUBLE, SINGLE, UNKNOWN, Hole, Reading
from clush.groups.template import Template, UnsafeValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

SHELLS = [path for path in ("/bin/sh", "/bin/bash", "/bin/busybox") if os.path.exists(path)]


def template(text: str) -> Template:
    return Template(text, {"GROUP"}, {"SOURCE", "CFGDIR"})


def filled(text: str, group: str = "g1", cfgdir: str = "/etc/x") -> str:
    return template(text).fill({"GROUP": group, "SOURCE": "lab", "CFGDIR": cfgdir})


def shell(command: str, path: str = "/bin/sh") -> str:
    argv = [path, "sh", "-c", command] if path.endswith("busybox") else [path, "-c", command]
    run = subprocess.run(argv, stdout=subprocess.PIPE, check=True, timeout=20)
    return os.fsdecode(run.stdout)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo n-$GROUP", "echo n-g1"),
        ("echo ${GROUP}x", "echo g1x"),
        ("echo $GROUPS ${GROUPS} $group", "echo $GROUPS ${GROUPS} $group"),
        ("echo $$HOME $$$$", "echo $HOME $$"),
        ("echo $1 ${1} $(cmd) $", "echo $1 ${1} $(cmd) $"),
        ("echo ${GROUP", "echo ${GROUP"),
        ("echo $NODE 100%", "echo $NODE 100%"),
        ("[ -f $CFGDIR/g ] && x='$SOURCE'", "[ -f /etc/x/g ] && x='lab'"),
        ("sed -n 's/^$GROUP:\\(.*\\)/\\1/p' f", "sed -n 's/^g1:\\(.*\\)/\\1/p' f"),
        ("$GROUP", "g1"),
        ("", ""),
    ],
)
def test_ordinary_names_are_inserted_as_they_are(text: str, expected: str) -> None:
    assert filled(text) == expected


CONTEXTS = [
    ("echo $", BARE),
    ("echo '$", SINGLE),
    ('echo "$', DOUBLE),
    ("echo 'a\"b' $", BARE),
    ('echo "a\'b" $', BARE),
    ("echo \"it's $", DOUBLE),
    ("echo \\' $", BARE),
    ("echo \\\\' $", SINGLE),
    ('echo "\\"$', DOUBLE),
    ("echo 'a\\' $", BARE),
    ('echo "$(echo $', BARE),
    ("echo \"$(echo '$", SINGLE),
    ('echo "$(echo "a" $', BARE),
    ('echo "$(echo a)$', DOUBLE),
    ('echo "$(f() { (x); }; f)$', DOUBLE),
    ("(echo $", BARE),
    ("# don't $", COMMENT),
    ("# don't\necho $", BARE),
    ("echo a#'$", SINGLE),
    ("echo ;#'$", COMMENT),
    ("echo $#'$", SINGLE),
    ('echo "${x:-1}$', DOUBLE),
    ("echo $x'$", SINGLE),
    ("echo \\\n# don't $", COMMENT),
    ('echo "$\\\n(echo $', BARE),
    ("echo `echo a`$", BARE),
    ('echo "`echo a`$', DOUBLE),
    ("x=`echo '\\``'$", SINGLE),
    # What shells read differently, or a second time.
    ("echo `echo $", UNKNOWN),
    ("echo \\$", UNKNOWN),
    ("echo >& '$", UNKNOWN),
    ("echo 2>&1 $", BARE),
    ("echo 2>&1 >$", BARE),
    ("echo ${x:-$", UNKNOWN),
    ("echo ${x:-'}'}$", UNKNOWN),
    ("echo $$$", UNKNOWN),
    ("cat <<EOF\n$", UNKNOWN),
    ("echo $((1 + $", UNKNOWN),
    ("((x = $", UNKNOWN),
    ("echo $[$", UNKNOWN),
    ("echo $'a\\'b' $", UNKNOWN),
    ('echo "$(case a in a) echo;; esac)$', UNKNOWN),
    ("(a)#'$", UNKNOWN),
]


@pytest.mark.parametrize(("text", "context"), CONTEXTS)
def test_each_hole_knows_what_it_stands_in(text: str, context: str) -> None:
    literal = text[:-1].replace("$$", "$")
    reading, hole = Reading(literal), Hole("GROUP")
    reading.text(literal)
    reading.hole(hole)
    reading.end()
    assert hole.context == context


# Templates that print the name between two marks, in ways that shells agree on.
PRINTING = [
    "printf '<%s>' $GROUP",
    "printf '<%s>' \"$GROUP\"",
    "printf '<%s>' '$GROUP'",
    "printf '<%s>' '''$GROUP'\"\"",
    "printf '<%s>' \"$(printf %s $GROUP)\"",
    "printf '<%s>' \"$(printf %s '$GROUP')\"",
    'printf \'<%s>\' "$(printf %s "$(printf %s "$GROUP")")"',
    "# it's about $GROUP\nprintf '<%s>' ${GROUP}",
    'f() { printf \'<%s>\' "$$1"; }; (f "${GROUP}")',
    "x=$GROUP; printf '<%s>' \"$$x\"",
    'echo "\\"$$(echo \'a"\')\\"" >/dev/null; printf \'<%s>\' "$GROUP"',
]
HOSTILE = st.text(alphabet="ab1 '\"`$\\;|&<>(){}#!*?~=-\n\t\r,é\udcff", max_size=12)


@settings(max_examples=60, deadline=None)
@given(name=HOSTILE, place=st.integers(0, len(PRINTING) - 1), which=st.integers(0))
def test_the_shell_gives_back_any_name(name: str, place: int, which: int) -> None:
    path = SHELLS[which % len(SHELLS)]
    # Substitution takes line ends off, and nothing else.
    expected = name.rstrip("\n") if "$(printf" in PRINTING[place] else name
    assert shell(filled(PRINTING[place], name), path) == f"<{expected}>"


ATTACKS = [
    "g1; touch X #",
    "$(touch X)",
    "`touch X`",
    "'; touch X; '",
    "'$(touch X)'",
    '"; touch X; "',
    '"$(touch X)"',
    "\\'; touch X; \\'",
    "a\ntouch X\n",
    "a\nEOF\ntouch X\ncat <<EOF\n",
    "}; touch X; {",
    "a[$(touch X)]",
    "x/;e touch X\n;s/x",
    "x/e touch X;#",
    "' ; touch X ; '\\''",
    "& touch X",
    "| touch X",
    ") touch X",
    "a touch X",
    "/touch X/e;s/",
    '"$(touch X)"',
]
ANYWHERE = [
    *PRINTING,
    "echo n-$GROUP",
    "echo `echo $GROUP`",
    "echo `echo '$GROUP'`",
    'echo "`echo \\"$GROUP\\"`"',
    "cat <<EOF\n$GROUP\nEOF",
    "cat <<'EOF'\n$GROUP\nEOF",
    "echo ${x:-$GROUP}",
    "echo \"${x:-'$GROUP'}\"",
    "echo $((1 + $GROUP))",
    "echo \\$GROUP",
    'echo "\\$GROUP"',
    "echo $$$GROUP",
    "eval x=$GROUP",
    "eval 'x=$GROUP'",
    "sh -c 'echo $GROUP'",
    "sh -c $GROUP",
    "echo >&$GROUP",
    "echo >& '$GROUP'",
    "trap $GROUP EXIT",
    'echo "$(case a in a) echo $GROUP;; esac)"',
    "case $GROUP in a) echo '$GROUP';; *) echo \"$GROUP\";; esac",
    "echo x | sed -n 's/^$GROUP:\\(.*\\)/\\1/p'",
    "echo x | sed -n s/^$GROUP:.*//p",
    "echo x | sed -n '/$GROUP/p'",
    "echo x | sed 's/x/$GROUP/'",
    "echo x | awk '$$1 == \"$GROUP\" {print}'",
    'echo x | awk "/^$GROUP:/ {print}"',
    "perl -e 'print q($GROUP)'",
    "perl -e \"print '$GROUP'\"",
]


# Runs each of its arguments in a shell of its own.
RUN_ALL = 'for c; do "$0" -c "$c" </dev/null >/dev/null 2>&1; done'


@pytest.mark.parametrize("text", ANYWHERE)
def test_no_name_is_ever_run(text: str, tmp_path: Path) -> None:
    commands = []
    for attack in ATTACKS:
        try:
            commands.append(filled(text, attack))
        except UnsafeValueError:
            continue
    for path in SHELLS[:2]:
        subprocess.run([path, "-c", RUN_ALL, path, *commands], cwd=tmp_path, timeout=60)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["ssh adm nodeattr -n '$GROUP'", "sed -n '/^$GROUP:/p'", "echo `echo $GROUP`", "eval $GROUP"],
)
def test_a_refusal_names_the_name_the_character_and_the_command(text: str) -> None:
    with pytest.raises(UnsafeValueError) as caught:
        filled(text, "g1/;e x")
    assert str(caught.value).startswith('"g1/;e x" is refused: ')
    assert str(caught.value).endswith(f'could be taken for code in "{text}"')
    assert "g-1.b_c" in filled(text, "g-1.b_c")


def test_the_administrators_directory_may_hold_blanks_anywhere() -> None:
    for text in ("cat $CFGDIR/f", "cat '$CFGDIR/f'", 'x=`ls "$CFGDIR"`', "ssh adm ls $CFGDIR"):
        assert "my dir" in filled(text, cfgdir="/my dir")
    with pytest.raises(UnsafeValueError):
        filled("x=`ls $CFGDIR`", cfgdir="/tmp/$(touch X)")


def test_a_number_before_a_redirection_is_no_descriptor() -> None:
    assert shell(filled("echo $GROUP>&1", "2")) == "2\n"


def test_a_template_knows_what_it_uses() -> None:
    assert template("a ${GROUP}").uses("GROUP")
    assert not template("a $$GROUP").uses("GROUP")

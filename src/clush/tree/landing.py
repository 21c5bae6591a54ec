"""What a target does with an archive on its standard input, and how it makes one: commands.

They need a POSIX ``sh`` there, ``tar`` (GNU, busybox, BSD), and the usual ``mkdir mv rm
ls uname``; where something is in the way, ``cp cat tr readlink dirname``, too.  The login
shell, of whatever kind, only starts that ``sh``.

The archive is unpacked into a directory beside the place where its files belong, which goes
away in any case.  Only when its marker is there are they renamed, one by one where there is
something already: nobody ever sees half a file under its name.
"""

from __future__ import annotations

import posixpath
import re
from secrets import token_hex

from clush.tree.archive import directories, marker

# The scripts are free of what some login shell would take for its own, even in quotes:
# ! ' \ and newlines (which are blanks when it comes to it); and of %, which is ours.

# GNU tar, and no other, looks at TAR_OPTIONS: it reads and writes 64 KiB at a time then, as
# pipes hold, not 10, which is half of its work. The user's own are none of our business.
# $1 the name in the archive; $2 its marker; $3 the destination; $4 the directory that it is in
# and $5 its name there; $6 what to call the directory beside; $7 what it must be: "d", or any.
_BEGIN = """
TAR_OPTIONS=-b128;
export TAR_OPTIONS;
r=0;
say() { echo "clush: $1" >&2; r=1; };
fail() { say "$1"; exit 1; };
if [ -d "$3" ]; then d=$3 n=$1;
elif [ "$7" = d ]; then fail "$3: Not a directory";
elif [ -d "$4" ]; then d=$4 n=$5;
else fail "$3: No such file or directory";
fi;
"""

# A device or a pipe has nothing beside it, and must stay what it is.
_INTO_SPECIAL = """
if [ -e "$d/$n" ]; then
  [ -f "$d/$n" ] || [ -d "$d/$n" ] || exec tar -xOf - >"$d/$n";
fi;
"""

# What stands for a file that is there already gets its owner and, unless modes are preserved, its
# mode: most have the same, which one ls tells of many.
# kind NAME...: what they are to have in common, for comparison.
# alter NAME...: put those of $a in the place of those of $b: as copies of these with other
# contents, or, where all but the owner is known, after giving them away if we may.
_KEPT = """
kind() { ls -ldn "$@" | while read -r p l u g x; do echo "$p $u $g"; done; };
alter() {
  mkdir "$k";
  (cd "$b" && cp -p "$@" "$k/") || r=1;
  for n do
    shift;
    if [ -f "$k/$n" ] && cat "$a/$n" >"$k/$n"; then set -- "$@" "$n"; else r=1; fi;
  done;
  if [ $# -gt 0 ]; then (cd "$k" && mv -f "$@" "$b/") || r=1; fi;
  rm -rf "$k";
};
"""
_KEPT_PRESERVED = """
kind() { ls -ldn "$@" | while read -r p l u g x; do echo "$u $g"; done; };
alter() {
  for n do chown "$(cd "$b" && kind "$n" | tr " " :)" "$a/$n" 2>/dev/null; done;
  (cd "$a" && mv -f "$@" "$b/") || r=1;
};
"""

# move FROM TO: what is in one directory, into another that exists: first what is there already,
# then what is new.  replace and add do so for as many as fit into a command line.
_MOVE = """
replace() {
  a=$1 b=$2;
  shift 2;
  if [ "$(cd "$a" && kind "$@")" = "$(cd "$b" && kind "$@")" ]; then
    (cd "$a" && mv -f "$@" "$b/") || r=1;
  else
    alter "$@";
  fi;
};
add() {
  b=$2;
  shift 2;
  mv -f "$@" "$b/" || r=1;
};
move() {
  for f in "$1"/* "$1"/.*; do
    case $f in */.|*/..) continue;; esac;
    g=$2/${f##*/};
    if [ -d "$f" ]; then
      if [ -d "$g" ]; then move "$f" "$g";
      elif [ -e "$g" ]; then say "$g: Not a directory"; fi;
    elif [ -d "$g" ]; then say "$g: Is a directory";
    elif [ -e "$g" ]; then
      if [ -w "$g" ]; then :; else say "$g: Permission denied"; continue; fi;
      if [ -f "$g" ]; then :; else cat "$f" >"$g" || r=1; continue; fi;
      if [ -L "$g" ]; then
        l=$(readlink -f "$g");
        mkdir "$k.l" && mv "$f" "$k.l/${l##*/}" || r=1;
        replace "$k.l" "$(dirname "$l")" "./${l##*/}";
        rm -rf "$k.l";
        continue;
      fi;
      set -- "$@" "./${f##*/}";
      if [ $# -gt 64 ]; then replace "$@"; set -- "$1" "$2"; fi;
    elif [ -L "$g" ]; then mv -f "$f" "$(readlink -f "$g")" || r=1;
    fi;
  done;
  if [ $# -gt 2 ]; then replace "$@"; set -- "$1" "$2"; fi;
  for f in "$1"/* "$1"/.*; do
    case $f in */.|*/..) continue;; esac;
    if [ -e "$2/${f##*/}" ]; then continue; fi;
    [ -e "$f" ] || continue;
    set -- "$@" "$f";
    if [ $# -gt 64 ]; then add "$@"; set -- "$1" "$2"; fi;
  done;
  if [ $# -gt 2 ]; then add "$@"; fi;
};
"""

_LAND = """
d=$(cd "$d" && pwd) || exit 1;
t=$d/$6.$(uname -n).$$;
clean() { rm -rf "$t"; };
trap clean 0;
trap "exit 1" 1 2 13 15;
m=$(umask 077; mkdir "$t" 2>&1) || { trap - 0; fail "$d: ${m##*: }"; };
(cd "$t" && tar UNPACK) || exit 1;
[ -f "$t/$2" ] || fail "$3: the copy was cut short";
k=$t/$1;
rm "$t/$2" && mkdir "$t/$2" && mv "$t/$1" "$t/$2/$n" || exit 1;
move "$t/$2" "$d";
"""

# Here times are those of the arrival, and the umask holds, even for root.
_UNPACK = "-xmof - --no-same-permissions"
_UNPACK_PRESERVED = "-xpof -"

# $8: the archive of the directories; where one is missing, tar would make it.
_SETTLE = """
[ $r -ne 0 ] || (cd "$d/$n" && tar -xpof -) <"$t/$8" || r=1;
"""

_END = "exit $r"

# GNU tar takes backslashes in its arguments for its own (so directories are entered by cd),
# and only that one has an option against it.
_LITERALLY = "$(tar --no-unquote --version >/dev/null 2>&1 && echo --no-unquote)"

# $1 the directory, $2 the name in it, $3 both.  Links are followed, as scp does.
_FETCH = """
unset TAR_OPTIONS;
[ -e "$1/$2" ] || { echo "clush: $3: No such file or directory" >&2; exit 1; };
cd "$1" && exec tar FLAGS -chf - "./$2"
"""


def land(dest: str, name: str, *, directory: bool, preserve: bool = False) -> str:
    """The command that has an archive of ``name`` land at ``dest``, as ``scp`` would.

    If ``dest`` is a directory there, it is entered; else it is the new name.  With a slash
    at its end it must be one.  ``directory`` says whether ``name`` is one; ``preserve`` must
    be that of the archive.
    """
    path = _path(dest)
    above, last = _split(path)
    must_be = "d" if dest.endswith("/") or last in (".", "..") else ""
    beside = f".clush-{token_hex(4)}"
    words = [name, marker(name), path, above, last, beside, must_be]
    script = _BEGIN if directory else _BEGIN + _INTO_SPECIAL
    script += (_KEPT_PRESERVED if preserve else _KEPT) + _MOVE + _LAND
    script = script.replace("UNPACK", _UNPACK_PRESERVED if preserve else _UNPACK)
    if directory and preserve:
        words.append(directories(name))
        script += _SETTLE
    return _command(script + _END, words)


def fetch(source: str) -> str:
    """The command that writes an archive of ``source`` to its standard output.

    Its members are called as the last part of ``source``, whatever is before that.
    """
    path = _path(source)
    above, last = _split(path)
    script = _FETCH.replace("FLAGS", _LITERALLY if "\\" in last else "")
    return _command(script, [above, last, path])


def _path(path: str) -> str:
    """A path that no program takes for an option."""
    return path if path.startswith(("/", "~")) else f"./{path}"


def _split(path: str) -> tuple[str, str]:
    """The directory that ``path`` is in, and its name there."""
    above, last = posixpath.split(path.rstrip("/"))
    return above or ("/" if path.startswith("/") else "."), last


def _command(script: str, words: list[str]) -> str:
    return " ".join(["exec sh -c", f"'{' '.join(script.split())}'", "sh", *map(_quoted, words)])


def _quoted(word: str) -> str:
    """A word that sh, csh and fish read alike; its ``~`` or ``~user`` is for them to resolve."""
    home = re.match(r"~[\w.-]*(?:/|$)", word, re.ASCII)
    start = home.end() if home else 0
    # What one of them knows in quotes stands outside, behind a backslash.
    rest = "".join(
        f"\\{part}" if part in ("'", "\\", "!") else f"'{part}'"
        for part in re.split(r"(['\\!])", word[start:])
        if part
    )
    return word[:start] + rest or "''"

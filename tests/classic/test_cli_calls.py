"""The tools as functions: words from ``sys.argv``, whatever stands for the streams, SystemExit."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from clush.cli.program import complain
from clush.groups.telling import tell
from clush.sets import resolver
from ClusterShell.CLI import Clubak, Clush, Nodeset
from ClusterShell.NodeSet import NodeSet, set_std_group_resolver
from ClusterShell.NodeUtils import GroupResolver, GroupSource

LOCALLY = "clush -R exec -f 1"
USAGE = "Usage: nodeset [COMMAND] [OPTIONS] [ns1 [-ixX] ns2|...]\n\nnodeset: error: "

# Module, command line, standard input; what comes out of it.
CALLS = [
    (Nodeset, "nodeset -f n1 n2", "", "n[1-2]\n", "", 0),
    (Nodeset, "nodeset -f", "n1 é2\n", "n1,é2\n", "", 0),
    (Nodeset, "nodeset -f n[", "", "", 'nodeset: Parse error: missing bracket: "n["\n', 1),
    (Nodeset, "cluset -e n[1-3] -x -", "n2", "n1 n3\n", "", 0),
    (Nodeset, "nodeset", "", "", USAGE + "No command specified.\n", 2),
    (Clubak, "clubak -bL", "n1: x\nn2: x\nn3: é\n", "n[1-2]:  x\nn3:  é\n", "", 0),
    (Clubak, "clubak -v -N", "n1: x\n", "INPUT n1: x\n x\n", "", 0),
    (Clush, f"{LOCALLY} -w n1 cat", "x\né\n", "n1: x\nn1: é\n", "", 0),
    (Clush, f"{LOCALLY} -n -w n1 cat", "x\n", "", "", 0),
    (Clush, f"{LOCALLY} -n -bS -w n[1-2] echo ok; exit 3", "",
     "---------------\nn[1-2] (2)\n---------------\nok\n",
     "clush: n[1-2] (2): exited with exit code 3\n", 3),
    (Clush, f"{LOCALLY} -n -w n1 echo err >&2", "", "", "n1: err\n", 0),
    (Clush, "clush -w n1 -f x true", "", "",
     "Usage: clush [options] command\n\nclush: error: option -f: invalid integer value: 'x'\n", 2),
]  # fmt: skip


@contextmanager
def streams(stdin, stdout, stderr):
    given = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr
    try:
        yield
        assert (sys.stdin, sys.stdout, sys.stderr) == (stdin, stdout, stderr)
    finally:
        sys.stdin, sys.stdout, sys.stderr = given


def call(module, line, stdin="", stdout=None, stderr=None):
    """Call a tool; its standard output, standard error and status."""
    sys.argv = line.split(" ")
    stdin = io.StringIO(stdin) if isinstance(stdin, str) else stdin
    stdout = io.StringIO() if stdout is None else stdout
    stderr = io.StringIO() if stderr is None else stderr
    with streams(stdin, stdout, stderr), pytest.raises(SystemExit) as left:
        module.main()
    return stdout.getvalue(), stderr.getvalue(), left.value.code


@pytest.fixture(autouse=True)
def left_alone(monkeypatch, tmp_path):
    """Words, environment and group resolver of the test process are put back."""
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CLUSTERSHELL_CFGDIR", raising=False)
    kept = resolver.slot()
    yield
    resolver.refill(kept)


@pytest.mark.parametrize(("module", "line", "stdin", "out", "err", "rc"), CALLS)
def test_calls(module, line, stdin, out, err, rc) -> None:
    assert call(module, line, stdin) == (out, err, rc)
    assert call(module, line, stdin) == (out, err, rc)


class Odd:
    """A stream with nothing but what it cannot do without."""

    def __init__(self, text=""):
        self.texts = []
        self._rest = text

    def write(self, text):
        assert isinstance(text, str)
        self.texts.append(text)

    def read(self, size):
        text, self._rest = self._rest[:size], self._rest[size:]
        return text

    def getvalue(self):
        return "".join(self.texts)


class Tee(Odd):
    """A stream that says to be a file, and wants to see what is written all the same."""

    def __init__(self, file):
        super().__init__()
        self._file = file

    def __getattr__(self, name):
        return getattr(self._file, name)


@pytest.mark.parametrize(
    ("module", "line", "stdin", "out"),
    [
        (Nodeset, "nodeset -f", "n1 n2\n", "n[1-2]\n"),
        (Clubak, "clubak -L", "n1:é\n", "n1: é\n"),
        (Clush, "clush -R exec -w n1 cat", "é\n", "n1: é\n"),
    ],
)
def test_objects_that_only_read_and_write(module, line, stdin, out) -> None:
    assert call(module, line, Odd(stdin), Odd(), Odd()) == (out, "", 0)
    with open(os.devnull, "w") as file:
        assert call(module, line, io.BytesIO(stdin.encode()), Tee(file)) == (out, "", 0)


def test_one_object_for_both_outputs_keeps_their_order() -> None:
    both = io.StringIO()
    call(Clush, "clush -R exec -n -w n1 echo 1; sleep 0.1; echo 2 >&2; exit 3", "", both, both)
    assert both.getvalue() == "n1: 1\nn1: 2\nclush: n1: exited with exit code 3\n"


def test_files_are_written_directly(tmp_path) -> None:
    for module, line in ((Nodeset, "nodeset -f n1"), (Clush, "clush -R exec -n -N -w n1 echo n1")):
        with open(tmp_path / "out", "w+") as file, streams(None, file, file):
            sys.argv = line.split()
            file.write("before\n")
            with pytest.raises(SystemExit):
                module.main()
            file.write("after\n")
            file.seek(0)
            assert file.read() == "before\nn1\nafter\n"


@pytest.mark.parametrize(
    ("module", "line"), [(Nodeset, "nodeset -f n1"), (Clush, "clush -R exec -n -w n1 true")]
)
def test_what_is_not_needed_stays_unread(module, line) -> None:
    stdin = io.StringIO("for others\n")
    call(module, line, stdin)
    assert stdin.read() == "for others\n"


def test_closed_streams() -> None:
    sys.argv = ["nodeset", "-f"]
    with streams(None, None, None), pytest.raises(SystemExit) as left:
        Nodeset.main()
    assert left.value.code == 1
    stdin = io.StringIO()
    stdin.close()
    assert call(Nodeset, "nodeset -f", stdin)[1:] == ("ERROR: I/O operation on closed file\n", 1)


class Broken(Odd):
    def __init__(self, error):
        super().__init__()
        self._error = error

    def write(self, text):
        raise self._error


@pytest.mark.parametrize(
    ("module", "line"), [(Nodeset, "nodeset -f n1"), (Clush, "clush -R exec -n -w n1 echo")]
)
def test_a_stream_that_fails(module, line) -> None:
    assert call(module, line, "", Broken(BrokenPipeError())) == ("", "", 1)
    sys.argv = line.split()
    with streams(None, Broken(KeyError("ours")), io.StringIO()), pytest.raises(KeyError):
        module.main()


def test_much_output() -> None:
    out, err, rc = call(Clush, "clush -R exec -n -N -w n1 seq 200000")
    assert (out.count("\n"), out[-7:], err, rc) == (200_000, "200000\n", "", 0)


def test_much_input_of_which_little_is_read() -> None:
    out, err, rc = call(Clush, "clush -R exec -w n1 head -n 1", "line\n" * 200_000)
    assert (out, err, rc) == ("n1: line\n", "", 0)


def test_the_resolver_of_the_program_is_used_and_left_alone(tmp_path) -> None:
    mine = GroupResolver(GroupSource("mine", {"web": "w[1-3]"}))
    mine.add_source(GroupSource("other", {"web": "o[1-2]"}))
    set_std_group_resolver(mine)
    assert call(Nodeset, "nodeset -f @web") == ("w[1-3]\n", "", 0)
    assert call(Nodeset, "nodeset -s other -f @web") == ("o[1-2]\n", "", 0)
    assert call(Clush, "clush -R exec -n -q -b -g web echo")[0].split("\n")[1] == "w[1-3]"
    (tmp_path / "groups.conf").write_text("[file]\nmap: echo f1\n")
    conf = f"--groupsconf {tmp_path}/groups.conf"
    assert call(Nodeset, f"nodeset {conf} -d -f @web")[0] == "f1\n"
    assert mine.default == "mine"
    assert str(NodeSet("@web")) == "w[1-3]"
    with streams(None, io.StringIO(), io.StringIO()):
        tell("nobody wants to know any more")
        assert sys.stderr.getvalue() == ""
        complain("of this one is heard")
        assert sys.stderr.getvalue() == "of this one is heard\n"


@pytest.mark.parametrize(
    ("module", "words", "stdin", "out"),
    [
        ("Nodeset", "-f n1 n2", "", "n[1-2]\n"),
        ("Clubak", "-bL", "n1: x\n", "n1:  x\n"),
        ("Clush", "-R exec -w n1 cat", "x\n", "n1: x\n"),
    ],
)
def test_modules_are_programs(module, words, stdin, out) -> None:
    argv = [sys.executable, "-m", f"ClusterShell.CLI.{module}", *words.split()]
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == (out, "", 0)


def test_the_name_of_a_module_is_the_name_in_messages() -> None:
    argv = [sys.executable, "-m", "ClusterShell.CLI.Nodeset", "-f", "n["]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.stderr == 'Nodeset.py: Parse error: missing bracket: "n["\n'

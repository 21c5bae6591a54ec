"""``clush`` from its words to what it shows, on nodes that lend their names only."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clush_runs import CLUSH, NO_INPUT, Ran, in_order, run

from clush import __version__
from clush.engine.spawn import spawn
from clush.errors import ResourceLimitError
from clush.runtime import run as run_module

RULE = "-" * 15 + "\n"


def block(label: str, text: str) -> str:
    return f"{RULE}{label}\n{RULE}{text}"


def exited(*codes: str) -> str:
    """Lines about return codes: ``NODES:CODE``."""
    return "".join(
        f"clush: {nodes}: exited with exit code {rc}\n" for nodes, rc in map(_pair, codes)
    )


def _pair(text: str) -> list[str]:
    return text.rsplit(":", 1)


def blue(text: str) -> str:
    return f"\x1b[94m{text}\x1b[0m"


def red(text: str) -> str:
    return f"\x1b[91m{text}\x1b[0m"


PER_RANK = "case %n in 0) exit 1;; 1) echo a; exit 5;; *) echo b;; esac"

# Options, command, standard output, standard error, status; all on n[1-4].  Lines come in
# any order where nothing is gathered.
RUNS = [
    # Labelled
    ("", "echo %h", "n1: n1\nn2: n2\nn3: n3\nn4: n4\n", "", 0),
    ("-x n[2-4]", "echo out; echo err >&2; exit 3", "n1: out\n", "n1: err\n" + exited("n1:3"), 0),
    ("-x n[2-4] -N", "echo out; echo err >&2; exit 3", "out\n", "err\n" + exited("n1:3"), 0),
    ("-x n[2-4]", r"printf 'a\n\nb'", "n1: a\nn1: \nn1: b\n", "", 0),
    ("-x n[2-4]", r"printf 'a\r\nb\rc\n'", "n1: a\nn1: b\rc\n", "", 0),
    ("-x n[2-4]", r"printf 'caf\303\251 \377\n'", "n1: caf\u00e9 \ufffd\n", "", 0),
    ("-x n2 -x n3", "echo %h %rank %%", "n1: n1 0 %\nn4: n4 1 %\n", "", 0),
    ("-f 1 -x n[3-4]", "echo %host", "n1: n1\nn2: n2\n", "", 0),
    ("", "echo on %hosts", "".join(f"n{i}: on n[1-4]\n" for i in range(1, 5)), "", 0),
    # Gathered
    ("-b", "echo same", block("n[1-4] (4)", "same\n"), "", 0),
    (
        "-b",
        "case %n in 0) echo solo;; *) echo many;; esac",
        block("n[2-4] (3)", "many\n") + block("n1", "solo\n"),
        "",
        0,
    ),
    ("--dshbak -q", "echo same", block("n[1-4]", "same\n"), "", 0),
    ("-b -N", "[ %n = 0 ] && echo solo || echo many", "many\nsolo\n", "", 0),
    ("-b", "true", "", "", 0),
    ("-b", r"printf 'a\nb'", block("n[1-4] (4)", "a\nb\n"), "", 0),
    ("-b", r"[ %n = 0 ] && printf a || printf 'a\r\n'", block("n[1-4] (4)", "a\n"), "", 0),
    ("-b", r"printf '\377'", block("n[1-4] (4)", "\ufffd\n"), "", 0),
    (
        "-b",
        "echo out; echo err >&2",
        block("n[1-4] (4)", "out\n"),
        "".join(f"n{i}: err\n" for i in (1, 2, 3, 4)),
        0,
    ),
    ("-B", "echo out; echo err >&2", block("n[1-4] (4)", "out\nerr\n"), "", 0),
    (
        "-b",
        "echo x; exit $((%n / 2))",
        block("n[1-2] (2)", "x\n") + block("n[3-4] (2)", "x\n"),
        exited("n[3-4] (2):1"),
        0,
    ),
    (
        "-b",
        "echo x; exit $((3 - %n))",
        "".join(block(f"n{i}", "x\n") for i in (4, 3, 2, 1)),
        exited("n3:1", "n2:2", "n1:3"),
        0,
    ),
    ("-b -q", "exit 3", "", exited("n[1-4]:3"), 0),
    ("-b -x n[2-4] -v", "echo a", "n1: a\n" + block("n1", "a\n"), "", 0),
    # Lines
    ("-L", PER_RANK, "n3: b\nn4: b\nn2: a\n", exited("n1:1", "n2:5"), 0),
    ("-L -N", PER_RANK, "b\nb\na\n", exited("n1:1", "n2:5"), 0),
    ("-L -x n[2-4]", r"printf 'a\n\nb'", "n1: a\nn1: \nn1: b\n", "", 0),
    (
        "-bL",
        "echo start; echo part-$((%n / 2)); echo end",
        "n[1-4]: start\nn[1-2]: part-0\nn[3-4]: part-1\nn[1-4]: end\n",
        "",
        0,
    ),
    ("-BL", "echo a >&2; exit 2", "n[1-4]: a\n", exited("n[1-4] (4):2"), 0),
    ("-bLN", "echo a; echo b", "a\nb\n", "", 0),
    # Differences
    ("--diff", "echo same", "", "", 0),
    ("--diff", "true", "", "", 0),
    (
        "--diff",
        "case %n in 0) exit 1;; 1) echo a;; *) echo b;; esac",
        "--- n[3-4] (2)\n+++ n2\n@@ -1 +1 @@\n-b\n+a\n--- n[3-4] (2)\n+++ n1\n@@ -1 +0,0 @@\n-b\n",
        exited("n1:1"),
        0,
    ),
    ("--diff", "echo a; exit %n", "", exited("n2:1", "n3:2", "n4:3"), 0),
    (
        "--diff -B -N -q",
        r"printf 'a\rb\n'; [ %n = 3 ] && echo c >&2; true",
        "--- n[1-3]\n+++ n4\n@@ -1 +1,2 @@\n a\rb\n+c\n",
        "",
        0,
    ),
    # Return codes
    ("-S", "exit %n", "", exited("n2:1", "n3:2", "n4:3"), 3),
    ("-q", "exit %n", "", exited("n2:1", "n3:2", "n4:3"), 0),
    ("-qS", "exit %n", "", "", 3),
    ("-qSb", "exit %n", "", "", 3),
    ("-S", "true", "", "", 0),
    (
        "",
        "exit $((%n / 2))",
        "",
        exited("n3:1", "n4:1") + "clush: exit code 1 (2): n[3-4]\n",
        0,
    ),
    ("-q", "exit $((%n / 2))", "", exited("n3:1", "n4:1"), 0),
    ("-b -N", "exit $((%n / 2))", "", exited("n[3-4] (2):1"), 0),
    (
        "-Sb",
        "kill -9 $$",
        "",
        exited("n[1-4] (4):137") + "clush: killed by SIGKILL (4): n[1-4]\n",
        137,
    ),
    ("-Sb -q", "kill -9 $$", "", "", 137),
    # Colours
    ("--color=always -b", "echo a", blue(f"{RULE}n[1-4] (4)\n" + "-" * 15) + "\na\n", "", 0),
    (
        "--color=always -x n[2-4]",
        "echo a; echo b >&2; exit 4",
        blue("n1: ") + "a\n",
        red("n1: ") + "b\n" + exited("n1:4"),
        0,
    ),
    ("--color=always -L -x n[2-4]", "echo a", blue("n1: ") + "a\n", "", 0),
    ("--color=always -bL", "echo a", blue("n[1-4]: ") + "a\n", "", 0),
    ("--color=auto -bL", "echo a", "n[1-4]: a\n", "", 0),
    # Targets
    ("-w n5 -x n5 -b", "echo a", block("n[1-4] (4)", "a\n"), "", 0),
    ("-w n[9-10] -b", "echo a", block("n[1-4,9-10] (6)", "a\n"), "", 0),
    ("--pick 9 -b", "echo a", block("n[1-4] (4)", "a\n"), "", 0),
    ("-E poll -b", "echo a", block("n[1-4] (4)", "a\n"), "", 0),
    ("-E select -b", "echo a", block("n[1-4] (4)", "a\n"), "", 0),
]


@pytest.mark.parametrize(("options", "command", "out", "err", "rc"), RUNS)
def test_runs(clush, options: str, command: str, out: str, err: str, rc: int) -> None:
    ran = clush("-n", "-R", "exec", "-w", "n[1-4]", *options.split(), command)
    if any(flag in options for flag in ("b", "L", "B", "diff")):
        assert ran.out == out
    else:
        assert in_order(ran.out) == in_order(out)
    assert in_order(ran.err) == in_order(err)
    assert ran.rc == rc


# Options, command, standard output, standard error, status: what was said in time counts.
TIMEOUTS = [
    (
        "-S -b",
        "case %n in 0) exit 2;; 1) printf early; exec sleep 60;; *) echo ok;; esac",
        block("n[3-4] (2)", "ok\n") + block("n2", "early\n"),
        exited("n1:2") + "clush: n2: command timeout\n",
        255,
    ),
    ("-b -q -S", "[ %n = 0 ] || exec sleep 60", "", "clush: n[2-4]: command timeout\n", 255),
    (
        "-b -x n[3-4]",
        "echo x; [ %n = 0 ] && exit 255; exec sleep 60",
        block("n1", "x\n") + block("n2", "x\n"),
        exited("n1:255") + "clush: n2: command timeout\n",
        0,
    ),
    ("-x n[2-4]", "printf part; exec sleep 60", "n1: part\n", "clush: n1: command timeout\n", 0),
    ("-L -x n[2-4]", "echo a; exec sleep 60", "n1: a\n", "clush: n1: command timeout\n", 0),
    ("-bL -x n[2-4]", "echo a; exec sleep 60", "n1: a\n", "clush: n1: command timeout\n", 0),
]


def test_timeouts() -> None:
    def run_out_of_time(options: str, command: str) -> Ran:
        return run(*NO_INPUT, "-w", "n[1-4]", "-u", "1", *options.split(), command)

    with ThreadPoolExecutor() as pool:  # all at the same time: each takes a second
        runs = [pool.submit(run_out_of_time, *row[:2]) for row in TIMEOUTS]
    assert [ran.result() for ran in runs] == [Ran(*row[2:]) for row in TIMEOUTS]


def test_what_failed_is_summed_up_at_the_end(clush) -> None:
    command = "case %n in 0) kill -9 $$;; 5) echo last;; *) exit 3;; esac"
    ran = clush("-n", "-R", "exec", "-f", "1", "-w", "n[1-6]", command)
    assert ran.err == exited("n1:137", "n2:3", "n3:3", "n4:3", "n5:3") + (
        "clush: exit code 3 (4): n[2-5]\nclush: killed by SIGKILL: n1\n"
    )


def test_version_and_help(clush) -> None:
    assert clush("--version") == Ran(f"clush {__version__}\n", "", 0)
    ran = clush("--help")
    assert ran.out.startswith("Usage: clush [options] command\n") and ran.rc == 0
    assert "--engine" not in ran.out


def test_the_version_does_not_load_what_runs_commands() -> None:
    script = CLUSH[2].replace("main()", "atexit.register(lambda: print(*sys.modules)); main()")
    ran = run(sys.executable, "-c", f"import atexit; {script}", "--version")
    assert {"asyncio", "subprocess"}.isdisjoint(ran.out.split())


def test_what_was_received_is_shown_when_the_system_gives_no_more(clush, monkeypatch) -> None:
    started = []

    def spawn_two(*args: object, **options: object) -> object:
        started.append(args)
        if len(started) > 2:
            raise ResourceLimitError("no more descriptors")
        return spawn(*args, **options)

    monkeypatch.setattr(run_module, "spawn", spawn_two)
    ran = clush("-n", "-b", "-R", "exec", "-f", "1", "-w", "n[1-4]", "echo a")
    assert ran == Ran(
        block("n[1-2] (2)", "a\n"),
        "clush: did not complete (2): n[3-4]\nclush: no more descriptors\n",
        1,
    )


def test_the_command_is_the_rest_of_the_words(clush) -> None:
    assert clush("-nwn1", "-Rexec", "echo", "-w", "n2", "a  b").out == "n1: -w n2 a b\n"
    assert clush("-nwn1", "-Rexec", "--", "echo", "-n").out == ""


def test_a_name_that_is_also_a_file_was_perhaps_expanded(clush, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("n1").touch()
    warning = "Warning: using '-w n1' and local path 'n1' exists, was it expanded by the shell?\n"
    assert clush("-n", "-R", "exec", "-w", "n1", "echo", "a") == Ran("n1: a\n", warning, 0)
    assert clush("-q", "-n", "-R", "exec", "-w", "n1", "echo", "a") == Ran("n1: a\n", "", 0)


def test_host_files_hold_node_sets_and_comments(clush, tmp_path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("n1 n[2-3]\n\n# all of them\nn7,n8 # and these\n")
    ran = clush("-nb", "-R", "exec", "--hostfile", str(hosts), "-w", "n4", "-x", "n8", "echo a")
    assert ran.out == block("n[1-4,7] (5)", "a\n")
    hosts.write_text("n[1")
    ran = clush("-n", "--hostfile", str(hosts), "true")
    assert ran == Ran("", f'ERROR: {hosts}: missing bracket: "n[1"\n', 1)


def test_picked_nodes_are_some_of_them_and_told(clush) -> None:
    words = ("-n", "-v", "-R", "exec", "-w", "n[1-9]", "--pick", "2", "echo a")
    picked, *lines = clush(*words).out.splitlines()
    assert picked.startswith("Picked random nodes: n[")
    assert len(lines) == 2


def test_debug_says_how_the_words_were_understood(clush) -> None:
    ran = clush("-nd", "-R", "exec", "-w", "n1", "-u", "9", "echo", "a")
    assert ran.out == (
        "Configuration files: none\nAvailable run modes: none\n"
        'clush: nodeset=n1 fanout=64 [timeout conn=10 cmd=9.0] command="echo a"\n'
        "clush: n1: /bin/sh -c 'echo a'\nn1: a\n"
    )


@pytest.mark.parametrize("mode", ["", "-b", "-L", "-bL", "--diff"])
def test_streams_are_saved_in_a_file_per_node(clush, tmp_path, mode: str) -> None:
    out, err = tmp_path / "new" / "out", tmp_path / "err"
    err.mkdir()
    (err / "n1").write_text("from last time")
    words = ("-n", "-R", "exec", "-w", "n[1-3]", *mode.split(), "--outdir", str(out))
    command = r"[ %n = 2 ] || printf 'a\377\r\nb'; [ %n = 0 ] || echo %h >&2"
    ran = clush(*words, "--errdir", str(err), command)
    assert ran.rc == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        "n1": b"a\xff\nb\n",
        "n2": b"a\xff\nb\n",
        "n3": b"",
    }
    assert {path.name: path.read_bytes() for path in err.iterdir()} == {
        "n1": b"",
        "n2": b"n2\n",
        "n3": b"n3\n",
    }


def test_a_node_that_is_a_path_is_not_saved(clush, tmp_path) -> None:
    ran = clush("-n", "-R", "exec", "-w", "../n1", "--outdir", str(tmp_path), "echo a")
    err = f"ERROR: node '../n1' cannot be the name of a file in {tmp_path}\n"
    assert ran == Ran("", err, 1)

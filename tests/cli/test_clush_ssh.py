"""``clush`` over real ssh, on nodes that do well and nodes that do badly in every way."""

from __future__ import annotations

from clush_runs import CLUSH, run

RULE = "-" * 15 + "\n"

COMMAND = """
case $LAB_NODE in
    node[1-5]) echo odd; exit 3 ;;
    node7) echo early; exec sleep 60 ;;
    node8) kill -9 $$ ;;
    node9) echo aside >&2 ;;
    *) echo ok ;;
esac
"""


def test_200_nodes_that_end_in_many_ways(lab) -> None:
    targets = "node[1-200],refuse,unknown,silent,badkey,hostkey"
    # At 16 at a time each of them has ended long before its time is over.
    words = (*CLUSH, "-n", "-S", "-b", "-f", "16", "-t", "1", "-u", "4", "-w", targets, COMMAND)
    ran = run(*words, env=lab.environ())
    assert ran.out == (
        f"{RULE}node[6,10-200] (192)\n{RULE}ok\n"
        f"{RULE}node[1-5] (5)\n{RULE}odd\n"
        f"{RULE}node7\n{RULE}early\n"
    )
    lines = ran.err.splitlines(keepends=True)
    assert "".join(line for line in lines if line.startswith("clush: ")) == (
        "clush: node[1-5] (5): exited with exit code 3\n"
        "clush: badkey,hostkey,node8,refuse,silent,unknown (6): exited with exit code 255\n"
        "clush: node7: command timeout\n"
        "clush: ssh ended with 255 without a word: killed there,"
        " or that was the command's code: node8\n"
        "clush: connection timed out: silent\n"
        "clush: connection refused: refuse\n"
        "clush: unknown host: unknown\n"
        "clush: authentication failed: badkey\n"
        "clush: host key refused: hostkey\n"
    )
    assert "node9: aside\n" in lines
    assert ran.rc == 255


def test_the_reasons_can_be_targets_again(lab) -> None:
    ran = run(*CLUSH, "-n", "-w", "refuse,unknown,node[1-2]", "echo ok", env=lab.environ())
    again = ",".join(line.split(": ")[-1] for line in ran.err.splitlines()[-2:])
    assert again == "refuse,unknown"
    ran = run(*CLUSH, "-n", "-S", "-q", "-w", again, "echo ok", env=lab.environ())
    assert (ran.out, ran.rc) == ("", 255)
    assert "clush: " not in ran.err


def test_a_key_that_is_missing_is_one_node_that_fails(lab) -> None:
    words = (*CLUSH, "-n", "-o", "-i /nonexistent", "-w", "node1,badkey", "echo ok")
    ran = run(*words, env=lab.environ())
    assert ran.out == "node1: ok\n"
    assert "badkey: Warning: Identity file /nonexistent not accessible" in ran.err
    assert ran.err.endswith("clush: authentication failed: badkey\n")


def test_input_goes_through_ssh(lab) -> None:
    data = bytes(range(256)) * 2000
    words = (*CLUSH, "-w", "node[1-3]", "-b", "cksum")
    ran = run(*words, env=lab.environ(), input=data)
    (answer,) = [line for line in ran.out.splitlines() if line.endswith(str(len(data)))]
    assert ran.out == f"{RULE}node[1-3] (3)\n{RULE}{answer}\n"

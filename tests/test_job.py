"""Jobs and copies as values: what they refuse, and where fetched files arrive."""

from __future__ import annotations

import pytest

from clush.errors import JobError
from clush.job import Copy, Job
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec


def job(**fields: object) -> Job:
    return Job(**{"nodes": NodeSet("n1"), "command": "true", "transport": Exec(), **fields})


def copy(**fields: object) -> Copy:
    given = {"source": "f", "dest": "d", "nodes": NodeSet("n1"), "transport": Exec()}
    return Copy(**{**given, **fields})


@pytest.mark.parametrize("make", [job, copy])
@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"timeout": -1}, "timeout must not be negative: -1"),
        ({"timeout": float("nan")}, "timeout must not be negative: nan"),
        ({"fanout": 0}, "fanout must be at least 1: 0"),
    ],
)
def test_limits_that_make_no_sense(make, fields: dict, text: str) -> None:
    with pytest.raises(JobError, match=text):
        make(**fields)


@pytest.mark.parametrize(
    ("make", "fields", "text"),
    [
        (job, {"command": ""}, "no command given"),
        (copy, {"source": ""}, "no file to be copied given"),
        (copy, {"dest": ""}, "no destination given for 'f'"),
        (copy, {"source": "/", "reverse": True}, "cannot fetch '/': its copies would have no name"),
        (copy, {"source": "..", "reverse": True}, r"cannot fetch '\.\.'"),
        (copy, {"source": "log/*.txt", "reverse": True}, r"cannot fetch 'log/\*.txt': a wildcard"),
        (copy, {"source": "log?", "reverse": True}, "a wildcard, where one file is meant"),
        (copy, {"source": "log[12]", "reverse": True}, "a wildcard, where one file is meant"),
    ],
)
def test_work_that_makes_no_sense(make, fields: dict, text: str) -> None:
    with pytest.raises(JobError, match=text):
        make(**fields)


def test_what_is_sent_may_have_any_name() -> None:
    assert copy(source="a[1].txt").source == "a[1].txt"


@pytest.mark.parametrize(
    ("source", "dest", "expected"),
    [
        ("/etc/hosts", "dst", "dst/hosts.n1"),
        ("/etc/hosts", "dst/", "dst/hosts.n1"),
        ("/var/log/", "dst", "dst/log.n1"),
        ("log///", ".", "./log.n1"),
        ("hosts", "/", "/hosts.n1"),
    ],
)
def test_where_fetched_files_arrive(source: str, dest: str, expected: str) -> None:
    assert copy(source=source, dest=dest, reverse=True).landing("n1") == expected


def test_values_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        copy().dest = "elsewhere"
    assert not copy().stdin

"""Ansible inventories: read here, and by Ansible itself where that is needed."""

from __future__ import annotations

import os
import shutil

import pytest

from clush.errors import GroupSourceNoUpcall, GroupSourceQueryFailed
from clush.groups.ansible import AnsibleSource, default_paths
from clush.groups.inventory import NeedsAnsible, expanded, from_json, read
from clush.groups.resolver import Resolver
from clush.sets.nodeset import NodeSet

INI = """\
# Hosts of no group
lone ansible_host=10.0.0.9
spare:2222

[web]
web[01:03].example.com   ansible_user=root
web05.example.com        # the new one
; nothing here
[db:vars]
port=5432

[db]
db-[a:c]
[site:children]
web
db
[site:vars]
x=[1:2]
[world:children]
site
empty
[web]
web07.example.com
[empty]
"""
YAML = """\
all:
  hosts:
    lone: {ansible_host: 10.0.0.9}
    spare:
  children:
    web:
      hosts:
        web[01:03].example.com: {ansible_user: root}
        web05.example.com:
        web07.example.com:
    world:
      children:
        site:
          vars: {x: 1}
          children:
            web:
            db:
              hosts: {'db-[a:c]': }
        empty:
"""
FORMS = [("hosts", INI), ("hosts.yml", YAML), ("hosts", YAML), ("hosts", f"# x\n---\n{YAML}")]
GROUPS = {
    "web": "web[01-03,05,07].example.com",
    "db": "db-a,db-b,db-c",
    "site": "db-a,db-b,db-c,web[01-03,05,07].example.com",
    "world": "db-a,db-b,db-c,web[01-03,05,07].example.com",
    "ungrouped": "lone,spare",
    "empty": "",
}
EVERY = "db-a,db-b,db-c,lone,spare,web[01-03,05,07].example.com"


def write(folder, name: str, text: str, mode: int = 0o644) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def content(source: AnsibleSource) -> tuple[dict[str, str], str]:
    resolver = Resolver(source)
    groups = {name: str(NodeSet(f"@{name}", resolver=resolver)) for name in resolver.grouplist()}
    return groups, str(NodeSet("@*", resolver=resolver))


@pytest.mark.parametrize(("name", "text"), FORMS)
def test_groups_children_and_ranges(tmp_path, name: str, text: str) -> None:
    source = AnsibleSource("ansible", [write(tmp_path, name, text)])
    assert content(source) == (GROUPS, EVERY)
    assert source.map_group("all") == source.all_nodes()
    assert source.map_group("nosuch") == ""
    with pytest.raises(GroupSourceNoUpcall):
        source.reverse_node("lone")


@pytest.mark.skipif(not shutil.which("ansible-inventory"), reason="ansible-core is not installed")
@pytest.mark.parametrize(("name", "text"), FORMS)
def test_ansible_reads_the_same(tmp_path, name: str, text: str) -> None:
    path = write(tmp_path, name, text)
    source = AnsibleSource("ansible", [path])
    source._dynamic = True  # as if it could not be read here
    groups, every = content(source)
    assert every == EVERY
    # Not all versions tell groups without hosts.
    assert {**groups, "empty": ""} == GROUPS


@pytest.mark.parametrize(
    ("host", "hosts"),
    [
        ("plain", ["plain"]),
        ("h:22", ["h"]),
        ("h[1:3]", ["h1", "h2", "h3"]),
        ("h[1:3]:22", ["h1", "h2", "h3"]),
        ("h[08:10]", ["h08", "h09", "h10"]),
        ("h[:2]x", ["h0x", "h1x", "h2x"]),
        ("h[1:9:4]", ["h1", "h5", "h9"]),
        ("[a:b][1:2]", ["a1", "a2", "b1", "b2"]),
        ("::1", ["::1"]),
        ("[::1]:22", ["[::1]"]),
        ("h[3:1]", []),
    ],
)
def test_a_range_stands_for_hosts(host: str, hosts: list[str]) -> None:
    assert list(expanded(host)) == hosts


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("hosts", "[web]\n\nw[a:zz]\n", r"not a range: \[a:zz\] \(line 3\)$"),
        ("hosts", "w[1:99999999]\n", r"range too large: \[1:99999999\] \(line 1\)$"),
        ("hosts", "[web:nosuch]\nw\n", r"not a range: \[web:nosuch\] \(line 1\)$"),
        ("hosts.yml", "all: [", "parsing|expected"),
        ("hosts.yml", "all: text", "group all is not a mapping"),
        ("hosts.yml", "all: {hosts: [a]}", "hosts of group all are not a mapping"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name: str, text: str, reason: str) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(GroupSourceQueryFailed, match=reason) as caught:
        AnsibleSource("ansible", [path]).list_groups()
    assert str(caught.value).startswith(path)


def test_a_directory_is_all_its_files(tmp_path) -> None:
    folder = tmp_path / "inv"
    write(folder, "a", "[web]\nw1\n")
    write(folder, "b.yml", "web: {hosts: {w2: }}\n")
    for ignored in (".hidden", "a~", "a.orig", "a.ini", "a.cfg", "a.retry"):
        write(folder, ignored, "[web]\nw9\n")
    (folder / "group_vars").mkdir()
    write(folder / "group_vars", "web", "[web]\nw9\n")
    write(folder / "sub", "c", "[web]\nw3\n")
    source = AnsibleSource("ansible", [str(folder), write(tmp_path, "more", "[web]\nw4\n")])
    assert source.map_group("web") == "w1,w2,w3,w4"


def test_a_changed_file_is_read_again(tmp_path) -> None:
    folder = tmp_path / "inv"
    write(folder, "a", "[web]\nw1\n")
    source = AnsibleSource("ansible", [str(folder)], cache_time=0)
    assert source.map_group("web") == "w1"
    write(folder, "b", "[web]\nw2\n")
    assert source.map_group("web") == "w1,w2"


def test_groups_that_contain_each_other(tmp_path) -> None:
    path = write(tmp_path, "hosts", "[a:children]\nb\n[b:children]\na\n[b]\nn1\n")
    assert content(AnsibleSource("x", [path])) == ({"a": "n1", "b": "n1"}, "n1")


PROGRAM = """#!/bin/sh
echo "$@" >>$0.log
case $3 in --list) cat "$2";; *) exit 5;; esac
"""
JSON = '{"_meta": {}, "all": {"children": ["web"]}, "web": {"hosts": ["w1", "w2"]}}'


@pytest.fixture
def program(tmp_path, monkeypatch) -> str:
    path = write(tmp_path / "bin", "ansible-inventory", PROGRAM, 0o755)
    monkeypatch.setenv("PATH", os.path.dirname(path), prepend=os.pathsep)
    return path


@pytest.mark.parametrize(
    ("name", "mode"), [("hosts.sh", 0o755), ("it's a host.toml", 0o644), ("inv.yml", 0o644)]
)
def test_ansible_itself_is_asked_where_needed(tmp_path, program: str, name: str, mode: int) -> None:
    text = "plugin: x\n" if name.endswith("yml") else JSON
    path = write(tmp_path, name, text, mode)
    with pytest.raises(NeedsAnsible):
        read([path])
    options = {"cache_persist": 60, "cache_directory": str(tmp_path / "cache")}
    if name.endswith("yml"):
        with pytest.raises(GroupSourceQueryFailed, match=r"--list \(Expecting value"):
            AnsibleSource("a", [path], **options).list_groups()
        return
    for _ in range(2):
        source = AnsibleSource("a", [path], **options)
        assert source.list_groups() == ["web"]
        assert source.map_group("all") == source.map_group("web") == "w1,w2"
    with open(program + ".log") as log:
        assert log.read() == f"-i {path} --list\n"
    source.clear_cache()
    assert source.list_groups() == ["web"]
    with open(program + ".log") as log:
        assert len(log.readlines()) == 2


def test_ansible_fails(tmp_path, program: str) -> None:
    paths = [write(tmp_path, "hosts.sh", "", 0o755)] * 2
    with pytest.raises(GroupSourceQueryFailed) as caught:
        AnsibleSource("a", paths).list_groups()
    assert str(caught.value).endswith("--list (exit code 5)")


@pytest.mark.parametrize("text", ["[]", "{", '{"web": 1}', '{"web": {"hosts": 1}}'])
def test_what_is_no_inventory(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an inventory|Expecting"):
        from_json(text)


def test_which_inventory(monkeypatch) -> None:
    monkeypatch.setenv("HOME", "/home/x")
    monkeypatch.delenv("ANSIBLE_INVENTORY", raising=False)
    assert default_paths() == ["/etc/ansible/hosts"]
    monkeypatch.setenv("ANSIBLE_INVENTORY", "~/hosts, /etc/inv")
    assert AnsibleSource("a").paths == ["/home/x/hosts", "/etc/inv"]
    assert AnsibleSource("a", ["/x"]).paths == ["/x"]

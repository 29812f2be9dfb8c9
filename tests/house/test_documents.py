"""What the documents tell is what the code does."""

import importlib
import inspect
import re
import tomllib
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import BaseModel

from bench.guards import Guard, guards
from commerce.errors import CommerceError
from messages import frames, ops

ROOT = Path(__file__).parents[2]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
README = (ROOT / "README.md").read_text()


def tags() -> set[str]:
    """The `type` of every frame a server says."""
    found = set()
    classes = {
        each
        for module in (frames, ops)
        for _, each in inspect.getmembers(module, inspect.isclass)
    }
    for each in classes:
        if issubclass(each, frames.Frame) and each is not frames.Frame:
            found.add(str(each.__struct_config__.tag))
    return found - {"None", "Recorded"}


def codes(base: type[CommerceError] = CommerceError) -> set[str]:
    """The codes of every refusal there is."""
    importlib.import_module("commerce.user")
    return {base.code}.union(*(codes(each) for each in base.__subclasses__()))


def routes() -> set[str]:
    """Every route of every handler, as `METHOD /path`."""
    found = set()
    for path in sorted((ROOT / "handlers").glob("*.py")):
        module = importlib.import_module(f"handlers.{path.stem}")
        for table in vars(module).values():
            if not isinstance(table, web.RouteTableDef):
                continue
            found |= {
                f"{each.method} {each.path}"
                for each in table
                if isinstance(each, web.RouteDef)
            }
    return found


@pytest.mark.parametrize("tag", sorted(tags()))
def test_a_frame_stands_in_the_protocol(tag: str) -> None:
    assert f"`{tag}`" in PROTOCOL


@pytest.mark.parametrize("close", frames.Close)
def test_a_close_code_stands_in_the_protocol(close: frames.Close) -> None:
    assert f"| {close.value} |" in PROTOCOL


@pytest.mark.parametrize("code", sorted(codes()))
def test_an_error_code_stands_in_the_protocol(code: str) -> None:
    assert f"`{code}`" in PROTOCOL


@pytest.mark.parametrize("route", sorted(routes()))
def test_a_route_stands_in_the_readme(route: str) -> None:
    method, path = route.split(" ", 1)

    assert re.search(rf"^\| {method} \| `{re.escape(path)}` \|", README, re.MULTILINE)


def test_every_key_of_the_configuration_has_a_comment() -> None:
    lines = (ROOT / "config.toml").read_text().splitlines()

    bare = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if re.match(r"^[a-z_]+ *=", line)
        and "#" not in line
        and not before.startswith("#")
    ]

    assert bare == []


def test_every_key_of_the_configuration_is_known_to_the_server() -> None:
    from server.config import Config

    told = tomllib.loads((ROOT / "config.toml").read_text())

    sections = {name: field.annotation for name, field in Config.model_fields.items()}
    fields = {
        name: set(section.model_fields)
        for name, section in sections.items()
        if isinstance(section, type) and issubclass(section, BaseModel)
    }
    assert {section: set(keys) for section, keys in told.items()} == fields


def test_every_file_is_short_enough_to_read_at_once() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for folder in (
            "actors",
            "agent",
            "commerce",
            "handlers",
            "messages",
            "scheduler",
            "server",
        )
        for path in (ROOT / folder).rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 300
    }

    assert long == {}


SECURITY = (ROOT / "docs" / "security.md").read_text()


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[^`]+)`", SECURITY))))
def test_a_test_that_the_security_table_names_exists(named: str) -> None:
    path, _, name = named.partition("::")

    assert not name or f"def {name}(" in (ROOT / path).read_text()


@pytest.mark.parametrize("guard", guards(), ids=lambda each: each.out)
def test_a_guard_stands_where_the_bench_takes_it_out(guard: Guard) -> None:
    assert (ROOT / guard.file).read_text().count(guard.text) == 1


def test_each_test_of_the_security_table_is_missed_without_its_guard() -> None:
    named = set(re.findall(r"`(tests/[^`]+::[^`]+)`", SECURITY))

    assert named - {each.test.partition("[")[0] for each in guards()} == set()

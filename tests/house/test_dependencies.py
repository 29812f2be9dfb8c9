"""Every dependency stands in the list, with its version and its licence."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([\w.-]+) \| ([^|]+) \| ([^|]+) \| ", re.MULTILINE)


def named() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    found = [re.match(r"[\w.-]+", line) for line in lines]
    return {each[0] for each in found if each is not None}


def listed() -> dict[str, tuple[str, str]]:
    text = (ROOT / "docs" / "dependencies.md").read_text()
    rows = ROW.findall(text)
    return {name: (version, licence) for name, version, licence in rows[1:]}


def test_every_direct_dependency_is_listed() -> None:
    missing = named() - set(listed())

    assert missing == set(), "make licences writes the list anew"


def test_the_list_names_nothing_that_is_not_used() -> None:
    assert set(listed()) - named() == {"drf-spectacular-sidecar"}


def test_every_licence_is_known() -> None:
    unknown = [
        name
        for name, (version, licence) in listed().items()
        if "not" in version or licence in {"?", "not told"}
    ]

    assert unknown == []


def test_the_versions_are_those_that_were_tried_together() -> None:
    text = (ROOT / "constraints.txt").read_text()
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))
    plain = {re.sub(r"[-_.]+", "-", name).lower(): pin for name, pin in pins.items()}

    other = {
        name: version
        for name, (version, _) in listed().items()
        if plain[re.sub(r"[-_.]+", "-", name).lower()] != version
    }
    assert other == {}

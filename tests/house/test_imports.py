"""The six floors: what pyproject.toml promises about imports is kept."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = (
    *(
        "server",
        "handlers",
        "scheduler",
        "actors",
        "agent",
        "store",
        "gateway",
        "messages",
    ),
    "commerce",
)
# Each outside library that only some folders may know.
KNOWN_BY = {
    "motor": {"store"},
    "pymongo": {"store"},
    "bson": {"store"},
    "langgraph": {"agent"},
    "langchain_core": {"agent"},
    "openai": {"agent"},
    "aiohttp": {"handlers", "server"},
    "aiohttp_jwt": {"handlers", "server"},
    "pydantic": {"handlers", "server"},
}


def sources() -> list[Path]:
    return [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]


@cache
def imported(path: Path) -> frozenset[str]:
    """Every dotted name a file imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return frozenset(names)


def test_every_contract_on_imports_is_kept() -> None:
    told = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("library", KNOWN_BY)
def test_a_library_is_known_by_its_folders_only(library: str) -> None:
    knowing = {
        path.relative_to(ROOT).parts[0]
        for path in sources()
        if any(name.split(".")[0] == library for name in imported(path))
    }

    assert knowing <= KNOWN_BY[library]


def test_the_rules_import_nothing_but_msgspec_and_plain_python() -> None:
    allowed = set(sys.stdlib_module_names) | {"msgspec", "commerce"}
    refused = {"asyncio", "time", "random", "logging", "socket", "threading"}

    for path in (ROOT / "commerce").glob("*.py"):
        tops = {name.split(".")[0] for name in imported(path)}
        assert tops <= allowed - refused, path


def test_the_runtime_could_be_a_library_of_its_own() -> None:
    allowed = {"actors.runtime", "messages.base", "messages.clock", "store.port"}

    for path in (ROOT / "actors" / "runtime").glob("*.py"):
        ours = {name for name in imported(path) if name.split(".")[0] in FLOORS}
        strangers = {
            name
            for name in ours
            if not any(name == each or name.startswith(f"{each}.") for each in allowed)
        }
        assert not strangers, f"{path.name} knows {strangers}"

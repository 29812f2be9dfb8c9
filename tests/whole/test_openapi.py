"""The OpenAPI document is kept: schemathesis finds no 5xx and nothing undocumented."""

import asyncio
import sys
from pathlib import Path

from tests.whole.shop import Shop, Visitor, make_operator

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
EXAMPLES = 12


async def test_every_route_keeps_its_word(
    shop: Shop, visitor: Visitor, tmp_path: Path
) -> None:
    await make_operator(visitor)
    bearer = f"Authorization: Bearer {visitor.tokens['access_token']}"

    running = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "st",
        *("run", f"{shop.url}/openapi.json", "--header", bearer),
        *("--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)),
        # Signing out would end the token that all the others are tried with.
        *("--exclude-path", "/api/auth/logout"),
        *("--phases", "examples,coverage,fuzzing", "--seed", "20261123"),
        *("--generation-database", "none", "--no-color"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await running.communicate()

    assert running.returncode == 0, told.decode()[-6000:]
    assert [line for line in shop.said if "Traceback" in line] == []

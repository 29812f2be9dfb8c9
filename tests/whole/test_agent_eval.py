"""Every conversation of `tests/agent/eval`, held with a fresh server.

All files have the same people, so one server does for all; what is expected and how it
is compared is the harness's, `python -m bench agent-eval FILE`.
"""

import asyncio
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "agent" / "eval").glob("*.json"))
WITHIN_S = 400


async def test_the_built_in_model_passes_every_case(tmp_path: Path) -> None:
    first, *others = [json.loads(each.read_text()) for each in FILES]
    assert all(each["fixtures"] == first["fixtures"] for each in others)
    cases = [case for each in (first, *others) for case in each["cases"]]
    together = tmp_path / "all.json"
    together.write_text(json.dumps({**first, "cases": cases}))

    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench", "agent-eval", str(together),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(WITHIN_S):
        told, _ = await run.communicate()

    assert run.returncode == 0, told.decode()
    assert f"passed {len(cases)} of {len(cases)}" in told.decode()

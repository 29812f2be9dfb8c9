"""The client's modules on their own, by node's test runner."""

import asyncio
import shutil
from pathlib import Path

import pytest

NODE = Path(__file__).parent / "node"


async def test_the_modules_keep_their_word_in_a_world_of_their_own() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here: the browser tests are all there is")
    running = await asyncio.create_subprocess_exec(
        node,
        "--test",
        *sorted(str(each) for each in NODE.glob("*.test.mjs")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await running.communicate()

    assert running.returncode == 0, told.decode()[-4000:]

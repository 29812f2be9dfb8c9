"""A process that died is known to have, and no other is taken for it."""

import os
import subprocess
import sys

import pytest

from store.holder import here, is_gone

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells of its processes in /proc"
)


def named(pid: int, since: str | None = None) -> str:
    space, _, own = here().split("/")
    return f"{space}/{pid}/{own if since is None else since}"


def test_this_process_is_here() -> None:
    assert here() == here()
    assert not is_gone(here())


def child() -> tuple["subprocess.Popen[str]", str]:
    """Return a process that has told its name and ended, but was not waited for."""
    telling = "from store.holder import here; print(here())"
    made = subprocess.Popen(
        [sys.executable, "-c", telling], stdout=subprocess.PIPE, text=True
    )
    assert made.stdout is not None
    name = made.stdout.read()
    os.waitid(os.P_PID, made.pid, os.WEXITED | os.WNOWAIT)
    return made, name.strip()


def test_a_process_that_ended_is_gone_before_anybody_buries_it_and_after() -> None:
    made, name = child()

    unburied = is_gone(name)
    made.communicate()

    assert unburied
    assert is_gone(name)


def test_another_process_with_its_id_is_not_it() -> None:
    assert is_gone(named(os.getpid(), since="1"))


@pytest.mark.parametrize("name", ["another boot:1/1/1", "/1/1", "1f2e3d", ""])
def test_nobody_can_tell_of_another_machine(name: str) -> None:
    assert not is_gone(name)


def test_nobody_can_tell_without_a_beginning() -> None:
    assert not is_gone(named(1, since=""))

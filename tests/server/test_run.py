"""The process: how it starts, refuses to, and ends."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from server.run import listen
from tests.nursery import bear

ROOT = Path(__file__).parents[2]
ADA = ("--email", "ada@example.com", "--username", "ada")
SECRET = "correct horse battery"
EMPTY = {"MONGODB_DB_NAME": "empty", "SOUK__STORE__SEED": "never"}
# Many times what it takes: a busy machine is no failure, a server that hangs is one.
ENDS_WITHIN_S = 60


class Server:
    """One process of ours; `url` once it is ready."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        self.arguments = arguments
        self.environment = environment
        self.url = ""
        self.said: list[str] = []

    async def begin(self, stdin: bytes = b"") -> None:
        self.process = await bear(
            *self.arguments,
            stdin=stdin,
            environment={
                "SOUK__STORE__PATH": str(self.folder),
                "SOUK__ACCOUNTS__BCRYPT_COST": "4",
                **self.environment,
            },
        )

    async def ready(self) -> None:
        await self.begin()
        while not self.url:
            line = await self._line()
            if line.startswith("Souk is ready at "):
                self.url = line.split()[-1]

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return await self.ended()

    async def ended(self) -> int:
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                while await self._line(may_end=True):
                    pass
                return await self.process.wait()
        except TimeoutError:
            # Left alone it would fail the tests after this one as well.
            self.process.kill()
            await self.process.communicate()
            raise AssertionError(f"it never ended: {self.text}") from None

    async def gone(self) -> None:
        """Return once it is no more, if need be by force."""
        if self.process.returncode is None:
            await self.stop(signal.SIGKILL)

    @property
    def text(self) -> str:
        return "".join(self.said)

    async def _line(self, *, may_end: bool = False) -> str:
        line = (await self.process.stdout.readline()).decode()
        assert line or may_end, self.text
        self.said.append(line)
        return line


async def run(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    process = Server(folder, *arguments, **(environment or {}))
    await process.begin(stdin)
    return await process.ended(), process.text


@pytest.fixture
async def server(tmp_path: Path, mongod_url: str) -> AsyncIterator[Server]:
    """A server to be stopped; it sells nothing."""
    running = Server(tmp_path, "--port", "0", MONGODB_URL=mongod_url, **EMPTY)
    await running.ready()
    yield running
    await running.gone()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lasting(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server with a database of its own, for all who leave it running."""
    folder = tmp_path_factory.mktemp("lasting")
    running = Server(folder / "souk", "--port", "0", SOUK__SERVER__IDLE_S="1")
    await running.ready()
    yield running
    await running.gone()


async def test_the_command_of_the_handbook_is_that_process() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "--help"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()

    words = told.decode().split()
    for verb in ("serve", "check", "doctor", "seed", "user", "export", "import"):
        assert verb in words
    assert process.returncode == 0


async def test_a_server_says_where_it_is_and_ends_in_order(tmp_path: Path) -> None:
    server = Server(tmp_path / "souk", "--port", "0")
    await server.ready()

    async with aiohttp.ClientSession() as http, http.get(server.url + "/health/ready"):
        status = await server.stop()

    assert status == 0
    assert "/api/auth/guest" in server.text
    assert "Traceback" not in server.text
    assert not (server.folder / "database_url").exists()


async def test_a_server_that_is_told_to_stop_while_it_starts_never_opens(
    tmp_path: Path,
) -> None:
    hasty = Server(tmp_path / "souk", "--port", "0")
    await hasty.begin()
    # The key is made with the locks, before anything is read.
    while "jwt_key.invented" not in hasty.text:
        await hasty._line()

    status = await hasty.stop()

    assert status == 0
    assert "Souk is ready" not in hasty.text
    assert "Traceback" not in hasty.text
    assert not (hasty.folder / "database_url").exists()


async def test_sockets_hear_1001_when_the_server_is_told_to_stop(
    server: Server,
) -> None:
    async with aiohttp.ClientSession() as http:
        guest = await (await http.post(server.url + "/api/auth/guest")).json()
        url = f"{server.url}/ws/chat/s?token={guest['access_token']}"
        async with http.ws_connect(url) as socket:
            await socket.receive_json()
            stopping = asyncio.ensure_future(server.stop())
            while not socket.closed:
                await socket.receive()

            assert socket.close_code == 1001
            assert await stopping == 0


async def test_half_a_request_holds_nothing(lasting: Server) -> None:
    port = int(lasting.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")

    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


async def test_a_request_under_way_is_answered_before_the_end(server: Server) -> None:
    async def body() -> AsyncIterator[bytes]:
        # The server said "100 Continue": it is at this request now.
        server.process.send_signal(signal.SIGTERM)
        yield b'{"email": "ada@example.com", "username": "ada", '
        yield b'"password": "correct horse battery"}'

    async with (
        aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as http,
        http.post(
            server.url + "/api/auth/signup", data=body(), expect100=True
        ) as answer,
    ):
        assert answer.status == 201

    assert await server.ended() == 0


async def test_a_second_server_on_the_same_folder_says_who_is_there(
    lasting: Server,
) -> None:
    status, said = await run(lasting.folder, "--port", "0")

    assert status == 1
    assert "in use by process" in said
    assert "Traceback" not in said


async def test_a_taken_port_is_told(
    lasting: Server, tmp_path: Path, mongod_url: str
) -> None:
    port = lasting.url.rpartition(":")[2]

    status, said = await run(
        tmp_path, "--port", port, environment={"MONGODB_URL": mongod_url} | EMPTY
    )

    assert status == 1
    assert "address already in use" in said.lower()
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"APP_ENV": "production"}, "production needs one"),
        ({"APP_ENV": "production", "JWT_SECRET_KEY": "short"}, "too few"),
        (
            {"APP_ENV": "production", "JWT_SECRET_KEY": SECRET * 3}
            | {"CORS_ORIGINS": "*"},
            "* is not safe",
        ),
        ({"SOUK__SERVER__PROT": "1"}, "server.prot: unknown key"),
    ],
)
async def test_what_is_unsafe_or_unknown_ends_with_2(
    tmp_path: Path, environment: dict[str, str], told: str
) -> None:
    status, said = await run(tmp_path, environment=environment)

    assert status == 2
    assert told in said
    assert "Traceback" not in said


async def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    status, said = await run(
        tmp_path, environment={"MONGODB_URL": "mongodb://127.0.0.1:1/"}
    )

    assert status == 1
    assert "cannot be reached" in said
    assert "Traceback" not in said


async def test_an_operator_is_made_beside_a_running_server(lasting: Server) -> None:
    made, said = await run(
        lasting.folder, *("user", "create", *ADA, "--role", "operator"),
        stdin=f"{SECRET}\n".encode(),
    )  # fmt: skip

    assert made == 0, said
    assert "Made operator ada" in said
    async with aiohttp.ClientSession() as http:
        body = {"email": "ada@example.com", "password": SECRET}
        async with http.post(lasting.url + "/api/auth/signin", json=body) as answer:
            tokens = await answer.json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        async with http.get(lasting.url + "/api/auth/me", headers=bearer) as answer:
            assert (await answer.json())["role"] == "operator"


async def test_an_account_is_made_where_no_server_runs(tmp_path: Path) -> None:
    create = ("user", "create", *ADA, "--password", SECRET)

    first = await run(tmp_path, *create)
    again = await run(tmp_path, *create)

    assert first[0] == 0, first[1]
    assert "Made customer ada" in first[1]
    assert again[0] == 1
    assert "exists" in again[1]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("--email", "nonsense"), "email"),
        (("--username", "a b"), "3 to 32 letters"),
        (("--password", "short"), "8 to 72 bytes"),
        (("--password", "password123"), "first that would be tried"),
    ],
)
async def test_a_bad_account_is_not_made(
    tmp_path: Path, mongod_url: str, changed: tuple[str, str], told: str
) -> None:
    create = ("user", "create", *ADA, "--password", SECRET, *changed)

    status, said = await run(
        tmp_path, *create, environment={"MONGODB_URL": mongod_url} | EMPTY
    )

    assert status == 1
    assert told in said
    assert "Traceback" not in said


async def test_seeding_twice_adds_nothing(tmp_path: Path, mongod_url: str) -> None:
    shared = {"MONGODB_URL": mongod_url, "MONGODB_DB_NAME": "seeded"}
    first = await run(tmp_path, "seed", environment=shared)
    again = await run(tmp_path, "seed", environment=shared)

    assert (first[0], again[0]) == (0, 0)
    assert "New: 200 products, 963 stock items, 3 warehouses." in first[1]
    assert "New: 0 products, 0 stock items, 0 warehouses." in again[1]


async def test_a_role_is_given_beside_a_running_server(lasting: Server) -> None:
    async with aiohttp.ClientSession() as http:
        body = {"email": "bob@example.com", "username": "bob", "password": SECRET}
        async with http.post(lasting.url + "/api/auth/signup", json=body) as answer:
            tokens = await answer.json()
        url = f"{lasting.url}/ws/chat/s?token={tokens['access_token']}"
        async with http.ws_connect(url) as socket:
            # Heard meanwhile, too: who answers no ping is cut off.
            ended = asyncio.ensure_future(_close_code(socket))

            status, said = await run(
                lasting.folder, "user", "role", "--role", "operator",
                "--email", "BOB@EXAMPLE\N{FULLWIDTH FULL STOP}com",
            )  # fmt: skip

            # The server hears of it by the database alone.
            assert await ended == 4401
    assert (status, said) == (0, "bob <bob@example.com> is operator now.\n")


async def _close_code(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    while not socket.closed:
        await socket.receive()
    return socket.close_code


async def test_the_last_operator_keeps_the_role(
    tmp_path: Path, mongod_url: str
) -> None:
    shared = {"MONGODB_URL": mongod_url, "MONGODB_DB_NAME": "operators"}
    await run(tmp_path, "user", "create", *ADA, "--password", SECRET,
              "--role", "operator", environment=shared)  # fmt: skip

    status, said = await run(
        tmp_path, "user", "role", *ADA[:2], "--role", "customer", environment=shared
    )

    assert status == 1
    assert "keeps one operator" in said


async def test_an_address_that_is_none_ends_as_a_wrong_configuration(
    tmp_path: Path,
) -> None:
    status, said = await run(
        tmp_path, "check", environment={"MONGODB_URL": "mongodb://"}
    )

    assert status == 2
    assert said.splitlines()[-1].startswith("MONGODB_URL: Must provide")


def test_who_come_at_once_are_let_in_together() -> None:
    many = 64

    async def turns_until_all_are_in() -> int:
        loop, turns = asyncio.get_running_loop(), 0
        runner = web.AppRunner(web.Application())
        await runner.setup()
        await listen(runner, "127.0.0.1", 0)
        guests = [socket.create_connection(runner.addresses[0]) for _ in range(many)]
        while runner.server is None or len(runner.server.connections) < many:
            turns += 1
            turned = loop.create_future()
            loop.call_soon(turned.set_result, None)
            await turned
        for guest in guests:
            guest.close()
        await runner.cleanup()
        return turns

    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        assert loop.run(turns_until_all_are_in()) <= many / 4

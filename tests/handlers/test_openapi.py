"""The document says what the routes do."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from aiohttp import web
from msgspec import Struct
from pydantic import Field

from handlers.errors import Body, Query, rendered
from handlers.openapi import document, documented, operations
from handlers.security import operator, public
from tests.handlers.house import House

routes = web.RouteTableDef()


class Inner(Struct):
    text: str


class Answer(Struct):
    """What is answered."""

    inner: tuple[Inner, ...]
    price: Decimal


class InnerBody(Body):
    text: str


class AskBody(Body):
    inner: InnerBody
    units: int = 1


class AskQuery(Query):
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    word: Annotated[str, Field(max_length=10)] | None = None
    must: str


@routes.post("/asked/{id}")
@documented(answer=Answer, status=201, statuses=(409,), body=AskBody)
@operator
async def ask(_request: web.Request) -> web.Response:
    """Ask for something.

    At length.
    """
    return rendered({})


@routes.get("/asked")
@documented(answer=list[Answer], query=AskQuery)
@public
async def list_asked(_request: web.Request) -> web.Response:
    """List what was asked."""
    return rendered([])


@pytest.fixture
def told() -> dict[str, Any]:
    app = web.Application()
    app.add_routes(routes)
    return document(app)


def test_a_body_and_its_answer_are_described_by_reference(told: dict[str, Any]) -> None:
    asked = told["paths"]["/asked/{id}"]["post"]

    body = asked["requestBody"]["content"]["application/json"]["schema"]
    answer = asked["responses"]["201"]["content"]["application/json"]["schema"]
    schemas = told["components"]["schemas"]
    assert body == {"$ref": "#/components/schemas/AskBody"}
    assert answer == {"$ref": "#/components/schemas/Answer"}
    assert {"AskBody", "InnerBody", "Answer", "Inner", "Problem"} <= set(schemas)
    assert schemas["AskBody"]["additionalProperties"] is False
    assert schemas["Answer"]["properties"]["price"] == {"type": "number"}
    assert (asked["operationId"], asked["summary"]) == ("ask", "Ask for something.")


def test_statuses_follow_from_what_the_route_is(told: dict[str, Any]) -> None:
    protected = told["paths"]["/asked/{id}"]["post"]
    opened = told["paths"]["/asked"]["get"]

    assert set(protected["responses"]) == {
        *("201", "400", "401", "403", "404", "409", "413", "415", "422", "500", "503")
    }
    assert set(opened["responses"]) == {"200", "422", "500", "503"}
    assert protected["security"] == [{"bearer": []}]
    assert "security" not in opened
    refused = protected["responses"]["409"]["content"]
    assert set(refused) == {"application/problem+json"}


def test_names_in_the_path_and_the_query_are_parameters(told: dict[str, Any]) -> None:
    [name] = told["paths"]["/asked/{id}"]["post"]["parameters"]
    query = told["paths"]["/asked"]["get"]["parameters"]

    assert (name["name"], name["in"], name["required"]) == ("id", "path", True)
    assert {each["name"]: each["required"] for each in query} == {
        "limit": False,
        "word": False,
        "must": True,
    }
    by_name = {each["name"]: each["schema"] for each in query}
    assert by_name["limit"]["maximum"] == 100
    assert by_name["word"]["type"] == "string"
    assert "AskQuery" not in told["components"]["schemas"]


async def test_the_document_has_every_route_and_every_reference_resolves(
    house: House,
) -> None:
    answer = await house.get("/openapi.json")

    told = await answer.json()
    text = await answer.text()
    assert told["openapi"] == "3.1.0"
    for each in operations(house.app):
        assert each.method in told["paths"][each.path], each
    for name in _references(text):
        assert name in told["components"]["schemas"]


async def test_every_operation_has_a_name_of_its_own(house: House) -> None:
    names = [each.handler.__name__ for each in operations(house.app)]

    assert len(names) == len(set(names))


def _references(text: str) -> set[str]:
    found = text.split('"#/components/schemas/')[1:]
    return {each.partition('"')[0] for each in found}

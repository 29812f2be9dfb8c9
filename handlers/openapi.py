"""What a route says of itself, and the OpenAPI 3.1 document made of all of them.

The document is generated from the route table, so it cannot lack a route. Bodies and
queries are described by their pydantic models, answers by their msgspec types.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from handlers.errors import JSON, rendered
from handlers.problems import PROBLEM_JSON, Problem
from handlers.security import OPERATOR, PUBLIC, access_of, public

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
H = TypeVar("H", bound=Handler)
Json = dict[str, Any]

ATTRIBUTE = "__documented__"
# What names in a path may be (handlers/page.py and handlers/chat_http.py check it).
ID = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}
SESSION_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
# An actor's key is whatever its kind says, a slash in it included.
KEY = {"type": "string", "minLength": 1}
SCHEMAS = {"session_id": SESSION_ID, "key": KEY}
REF = "#/components/schemas/"

routes = web.RouteTableDef()


class Documented(Struct, frozen=True, kw_only=True):
    """What `documented` was told of one handler."""

    answer: Any = None
    status: int = 200
    statuses: tuple[int, ...] = ()
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    media: str = JSON


def documented(
    *,
    answer: Any = None,
    status: int = 200,
    statuses: tuple[int, ...] = (),
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    media: str = JSON,
) -> Callable[[H], H]:
    """Say what a handler takes and gives; stands under the line with the route.

    `answer` is a msgspec type (None: no content is described), given with `status`;
    `statuses` are the others peculiar to this route (304, 400, 404, 409, 429...). What
    follows from the route itself is added: 401 and 403 from its protection, 404 and
    422 from names in its path, 400, 413, 415 and 422 from its body, 422 from its query,
    500 and 503.
    """

    def mark(handler: H) -> H:
        said = Documented(
            answer=answer,
            status=status,
            statuses=statuses,
            body=body,
            query=query,
            media=media,
        )
        setattr(handler, ATTRIBUTE, said)
        return handler

    return mark


def said_of(handler: Any) -> Documented:
    """Return what was said of `handler`; nothing said is a bare 200."""
    said: Documented = getattr(handler, ATTRIBUTE, Documented())
    return said


class Operation(Struct, frozen=True):
    """One method of one path."""

    method: str
    path: str
    handler: Any
    said: Documented


def operations(app: web.Application) -> Iterator[Operation]:
    """Yield every operation of the route table; HEAD goes without saying."""
    for route in app.router.routes():
        if route.resource is None or route.method in {"HEAD", "OPTIONS", "*"}:
            continue
        handler = route.handler
        yield Operation(
            route.method.lower(), route.resource.canonical, handler, said_of(handler)
        )


def document(app: web.Application) -> Json:
    """Return the OpenAPI document of every route of `app`."""
    every = list(operations(app))
    answers, schemas = _answers(every)
    inputs, more = _inputs(every)
    paths: dict[str, Json] = {}
    for each in every:
        described = _operation(each, answers.get(repr(each.said.answer)), inputs)
        paths.setdefault(each.path, {})[each.method] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Souk",
            "version": _version(),
            "description": (
                "A shop whose carts, stock and chats are live. Money is in major units "
                "with two places; whole numbers are written without a point."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": {**schemas, **more},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


@lru_cache(maxsize=4)
def _encoded(app: web.Application) -> bytes:
    return msgspec.json.encode(document(app))


@routes.get("/openapi.json")
@documented(answer=dict[str, Any])
@public
async def show_document(request: web.Request) -> web.Response:
    """Show this document."""
    return rendered(_encoded(request.app))


def _operation(
    each: Operation, answer: Json | None, inputs: Mapping[Any, Json]
) -> Json:
    said = each.said
    doc = (each.handler.__doc__ or "").strip()
    responses = {str(said.status): _response(said, answer)}
    for status in sorted(_statuses(each)):
        responses.setdefault(str(status), _problem(status))
    described: Json = {
        "operationId": each.handler.__name__,
        "summary": doc.splitlines()[0] if doc else each.handler.__name__,
        "parameters": [*_path_parameters(each.path), *_query(said, inputs)],
        "responses": responses,
    }
    if said.body is not None:
        content = {JSON: {"schema": {"$ref": REF + inputs[said.body]["$name"]}}}
        described["requestBody"] = {"required": True, "content": content}
    if access_of(each.handler) != PUBLIC:
        described["security"] = [{"bearer": []}]
    return described


def _statuses(each: Operation) -> set[int]:
    said = each.said
    found = {*said.statuses, 500, 503}
    access = access_of(each.handler)
    if access != PUBLIC:
        found.add(401)
    if access == OPERATOR:
        found.add(403)
    if "{" in each.path:
        found |= {404, 422}
    if said.body is not None:
        found |= {400, 413, 415, 422}
    elif each.method != "get":
        found.add(413)
    if said.query is not None:
        found.add(422)
    return found


def _response(said: Documented, answer: Json | None) -> Json:
    described: Json = {"description": HTTPStatus(said.status).phrase}
    if answer is not None:
        described["content"] = {said.media: {"schema": answer}}
    return described


def _problem(status: int) -> Json:
    described: Json = {"description": HTTPStatus(status).phrase}
    if status >= 400:
        schema = {"$ref": REF + Problem.__name__}
        described["content"] = {PROBLEM_JSON: {"schema": schema}}
    return described


def _path_parameters(path: str) -> list[Json]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": SCHEMAS.get(name, ID),
        }
        for name in names
    ]


def _query(said: Documented, inputs: Mapping[Any, Json]) -> list[Json]:
    if said.query is None:
        return []
    schema = inputs[said.query]
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _without_null(described),
        }
        for name, described in schema.get("properties", {}).items()
    ]


def _without_null(schema: Json) -> Json:
    # A query cannot say null: leaving the name out says it.
    kept = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if not kept:
        return schema
    rest = {k: v for k, v in schema.items() if k not in {"anyOf", "default"}}
    return {**rest, **kept[0]} if len(kept) == 1 else {**rest, "anyOf": kept}


def _answers(every: list[Operation]) -> tuple[dict[str, Json], Json]:
    types = [Problem]
    types += [e.said.answer for e in every if e.said.answer is not None]
    schemas, components = msgspec.json.schema_components(
        types, ref_template=REF + "{name}"
    )
    by_type = {
        repr(type_): _with_numbers(each)
        for type_, each in zip(types, schemas, strict=True)
    }
    return by_type, _with_numbers(components)


def _with_numbers(schema: Any) -> Any:
    """Return `schema` as our encoder writes: decimals are numbers, not texts."""
    if isinstance(schema, Mapping):
        if schema.get("format") == "decimal":
            return {"type": "number"}
        return {name: _with_numbers(each) for name, each in schema.items()}
    if isinstance(schema, (list, tuple)):
        return [_with_numbers(each) for each in schema]
    return schema


def _inputs(every: list[Operation]) -> tuple[dict[Any, Json], Json]:
    bodies = {e.said.body for e in every if e.said.body is not None}
    queries = {e.said.query for e in every if e.said.query is not None}
    ordered = sorted(bodies | queries, key=lambda model: model.__name__)
    references, found = models_json_schema(
        [(model, "validation") for model in ordered], ref_template=REF + "{model}"
    )
    definitions: Json = found.get("$defs", {})
    names = {
        model: references[model, "validation"]["$ref"].removeprefix(REF)
        for model in ordered
    }
    by_model = {model: {**definitions[n], "$name": n} for model, n in names.items()}
    for model in queries - bodies:
        definitions.pop(names[model])
    return by_model, definitions


def _version() -> str:
    try:
        return version("souk")
    except PackageNotFoundError:
        return "0"

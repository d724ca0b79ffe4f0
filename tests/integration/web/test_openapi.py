"""The document that describes the API is complete, and requests that a program makes of it find no mistake.

A good and a bad request of each operation here; `TOCSIN_SCHEMATHESIS=200` makes so many of each.
"""

import asyncio
import os
import re
from collections import Counter
from random import Random
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from starlette.routing import Route

from integration.servers import EXAMPLE, NOTHING_RUNS, Here
from integration.web.doors import CONFIG
from integration.web.test_malformed import proof
from tocsin.engine.probe_wire import Asked, Readings, Said, Taken
from tocsin.web.answering import ApiRoute

MANY = int(os.environ.get("TOCSIN_SCHEMATHESIS", "1"))
WAITS = "/api/v1/doctor/page"
"""It answers once people did, or after up to ten minutes."""
NUMBER = re.compile(r"INC-\d{4}-\d{4,}")
PREFIXES = ("/api/v1", "/api/openapi.json", "/v2/", "/webhooks/", "/heartbeat/")
NOT_ASKED = {
    "positive_data_acceptance": "that a level or an instant makes sense is more than a schema says: 400 tells it",
    "ensure_resource_availability": "what is opened may be restricted, and then it is not there for who opened it",
}


async def test_the_document_tells_of_every_route_of_the_api_and_of_every_door(doors: Here) -> None:
    said = (await doors.get("/api/openapi.json")).json()
    told = {f"{method.upper()} {path}" for path, methods in said["paths"].items() for method in methods}
    routes = {
        f"{method} {route.path}"
        for route in doors.app.routes
        if isinstance(route, ApiRoute)
        or (isinstance(route, Route) and (route.path.startswith(PREFIXES) or route.path == "/api/v2/alerts"))
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert told == routes
    assert (await doors.get("/api/openapi.json", {})).status_code == 401


class Driving:
    """Makes requests of the document and remembers what is wrong with the answers."""

    def __init__(self, here: Here, document: dict[str, Any], number: str) -> None:
        self.here, self.number, self.chance = here, number, Random(7)  # noqa: S311  the same each time
        self.base = str(here.client.base_url)
        self.session = requests.Session()
        self.current = here.tocsin.worlds.current
        self.said, self.wrong = Counter[int](), dict[str, str]()
        self.schema = schemathesis.openapi.from_dict(document)
        load_all_checks()
        schemathesis.serializer.alias("message/rfc822", "text/plain")
        self.checks: list[Any] = [one for one in CHECKS.get_all() if one.__name__ not in NOT_ASKED]

    def all(self) -> None:
        signed = dict(self.here.owner)  # whether who is signed in is asked is a check of its own
        for result in self.schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            if operation.path == WAITS:
                continue
            self.drive(operation.as_strategy(GenerationMode.POSITIVE, headers=signed))
            if operation.query or any(body.definition["schema"] for body in operation.body):
                self.drive(operation.as_strategy(GenerationMode.NEGATIVE, headers=signed))

    def drive(self, cases: Any) -> None:
        @seed(7)
        @given(cases)
        @settings(
            max_examples=MANY,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Case[Any]) -> None:
            self.ask(case)

        ask()

    def put_back(self) -> None:
        """Publish what the requests are made for again, where one of them published something else."""
        tocsin = self.here.tocsin
        if all(one is other for one, other in zip(self.current, tocsin.worlds.current, strict=True)):
            return
        before = {"runbook": EXAMPLE.read_text(), "settings": CONFIG}
        self.session.post(f"{self.base}/api/v1/runbook", json=before, headers=self.here.owner).raise_for_status()
        self.current = tocsin.worlds.current

    def ask(self, case: Case[Any]) -> None:
        self.put_back()
        path = case.operation.path
        known = {"number": self.number, "key": self.here.tocsin.access.source_key("monitoring"), "name": "uptime"}
        for name in known.keys() & (case.path_parameters or {}).keys():
            made_wrong = name == "number" and not NUMBER.fullmatch(str(case.path_parameters[name]))
            if not made_wrong and self.chance.random() < 0.7:
                case.path_parameters[name] = known[name]
        if isinstance(case.body, dict) and isinstance(case.body.get("routing_key"), str) and self.chance.random() < 0.8:
            case.body["routing_key"] = self.here.routing_key

        def prove(request: requests.PreparedRequest) -> requests.PreparedRequest:
            body = request.body or b""
            raw = body.encode() if isinstance(body, str) else body
            assert isinstance(raw, bytes)
            request.headers.update(proof(self.here, path, raw, self.chance))
            return request

        answer = case.call(base_url=self.base, session=self.session, auth=prove)
        self.said[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=self.checks, headers=self.here.owner)
        except FailureGroup as group:
            for failure in group.exceptions:
                self.wrong.setdefault(f"{case.method} {path} {type(failure).__name__}", str(failure)[:1500])


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("doors", [CONFIG.replace(NOTHING_RUNS, "")], indirect=True, ids=["steps run"])
async def test_requests_made_of_the_document_find_no_mistake(doors: Here) -> None:
    number = (await doors.declare())["id"]
    driving = Driving(doors, (await doors.get("/api/openapi.json")).json(), number)
    await asyncio.to_thread(driving.all)
    assert not driving.wrong, "\n\n".join(f"{what}: {why}" for what, why in driving.wrong.items())
    assert driving.said[200] > 20 < driving.said[400], driving.said


async def test_what_probers_say_and_are_told_is_described_as_it_is_read(doors: Here) -> None:
    document = (await doors.get("/api/openapi.json")).json()
    shapes = document["components"]["schemas"]
    spoken: dict[str, type[msgspec.Struct]] = {"Readings": Readings, "Said": Said, "Asked": Asked, "Taken": Taken}
    for name, shape in spoken.items():
        assert set(shapes[name]["properties"]) == {field.encode_name for field in msgspec.structs.fields(shape)}
    taken = document["paths"]["/api/v1/readings"]["post"]
    assert taken["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Readings"}


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        pytest.param({}, True, id="a trigger"),
        pytest.param({"dedup_key": None}, True, id="a trigger without a key"),
        pytest.param({"dedup_key": 7}, False, id="a trigger whose key is a number"),
        pytest.param({"payload": []}, False, id="a trigger whose payload is a list"),
        pytest.param({"payload": {"summary": "s", "source": "s"}}, False, id="a trigger without a severity"),
        pytest.param({"payload": {"summary": "s", "source": "s", "severity": "loud"}}, False, id="a loud trigger"),
        pytest.param({"event_action": "snooze"}, False, id="an action that is none"),
        pytest.param({"event_action": "resolve", "payload": []}, True, id="a resolve whose payload is a list"),
        pytest.param({"event_action": "resolve", "payload": None}, True, id="a resolve without a payload"),
        pytest.param(
            {"event_action": "acknowledge", "payload": 7}, True, id="an acknowledge whose payload is a number"
        ),
        pytest.param({"event_action": "acknowledge", "dedup_key": None}, False, id="an acknowledge without a key"),
        pytest.param({"routing_key": None}, False, id="nobody's event"),
    ],
)
async def test_the_document_says_of_an_event_what_its_door_does(
    doors: Here, said: dict[str, Any], *, taken: bool
) -> None:
    event = doors.event(dedup_key="k") | said
    operation = (await doors.get("/api/openapi.json")).json()["paths"]["/v2/enqueue"]["post"]
    shape = operation["requestBody"]["content"]["application/json"]["schema"]
    answer = await doors.client.post("/v2/enqueue", json=event)
    assert (Draft202012Validator(shape).is_valid(event), answer.status_code) == (taken, 202 if taken else 400)

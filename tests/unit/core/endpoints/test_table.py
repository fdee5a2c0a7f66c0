"""Each endpoint's module says what all others make of it, and says it right."""

from __future__ import annotations

import importlib
from typing import Any

import msgspec
import pytest

from app.core.bodies import bodycheck, foreign, forms
from app.core.bodies.bodychecker import BodyChecker
from app.core.endpoints.spec import EndpointSpec
from app.core.endpoints.table import ENDPOINTS, FOR_PROGRAMS
from app.core.model.lanes import EDITOR_ENDPOINTS
from app.core.openai import models
from app.core.programs import intake
from app.core.programs.intake import Message
from app.core.threads import paste
from app.practice import answers, bodies
from app.practice.models import MODELS
from tools.request_types import fields_of

each = pytest.mark.parametrize("spec", ENDPOINTS.values(), ids=lambda spec: spec.name)
handed_in = pytest.mark.parametrize("path", FOR_PROGRAMS)


@pytest.mark.slow
@each
def test_what_it_names_are_fields_of_the_official_types(spec: EndpointSpec) -> None:
    """Of ranges, contents, needed fields and the form; the form's fields have names of their own."""
    known = fields_of(getattr(importlib.import_module(spec.sdk[0]), spec.sdk[1])).keys()
    form = spec.fields()
    named = {*spec.ranges, *spec.needed, *spec.content, *spec.smallest, *(path[0] for path in spec.places.values()), spec.needed[0]}
    assert (named | {field.path[0] for field in form}) - known == set()
    assert set(spec.needed) <= set(spec.content)
    assert len({field.name for field in form}) == len(form)
    assert not set(spec.instead) & known


@each
def test_its_smallest_body_is_right(spec: EndpointSpec) -> None:
    """With a model that the endpoint takes, and without a word, by the quick and by the thorough way."""
    body = {"model": spec.model, **spec.smallest}
    checker = BodyChecker(spec.path)
    assert checker.check(msgspec.json.encode(body)) == checker.check_value(body) == ()
    lacking = {name: value for name, value in body.items() if name not in spec.needed}
    assert f"needs. Add {spec.needed[0]}." in " ".join(
        f"{one.sentence} {one.remedy}" for one in bodycheck.body_problems(spec.path, lacking)
    )


@each
def test_a_model_of_its_own_fits_no_other(spec: EndpointSpec) -> None:
    """The form that templates offer and a pasted body follow the same table."""
    mine = [name for name in MODELS if models.only_for(name)[:1] == (spec.path,)]
    assert all(not models.fits(name, other) for name in mine for other in ENDPOINTS if other != spec.path)
    assert (forms.FORMS[spec.path].title, forms.FORMS[spec.path].asked) == (spec.title, spec.asked)
    if spec.asked == "prompt" and mine:
        assert paste.endpoint_of({"model": mine[0], **spec.smallest}) == spec.path


def test_the_editor_writes_what_is_in_the_table() -> None:
    """Its values have places in both bodies."""
    assert [ENDPOINTS[path].places.keys() for path in EDITOR_ENDPOINTS] == [ENDPOINTS[EDITOR_ENDPOINTS[0]].places.keys()] * 2


@handed_in
def test_a_program_may_hand_it_in_and_the_practice_provider_answers(path: str) -> None:
    """One table says both; one endpoint that is not for programs is refused with those that are."""
    body: dict[str, Any] = {"model": ENDPOINTS[path].model, **ENDPOINTS[path].smallest}
    line = {"custom_id": "a", "method": "POST", "url": path, "body": body}
    message = intake.decode(msgspec.json.encode(line))
    assert isinstance(message, Message)
    assert foreign.recognised(line) is None
    read = bodies.read_body(msgspec.json.encode(body))
    assert bodies.check(path, read) is None
    assert answers.answer(path, read, 1, 0)["model"] == body["model"]
    assert len(answers.cost(path, read, 1)) == 4


def test_an_endpoint_that_is_not_for_programs_is_refused() -> None:
    """With those that are."""
    (other,) = set(ENDPOINTS) - set(FOR_PROGRAMS)
    refused = intake.decode(msgspec.json.encode({"custom_id": "a", "method": "POST", "url": other, "body": {"model": "m"}}))
    assert isinstance(refused, intake.MessageRefusal)
    assert ", ".join(FOR_PROGRAMS) in refused.detail

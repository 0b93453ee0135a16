"""The papers say what the program does: what they quote is there, and what is there they describe."""

import argparse
import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from config.settings import Settings
from hardware.scanner.gtin import check_digit
from hardware.scanner.in_store import REGIONS, InStoreItem, read_by_region
from tests.rigs import picture
from tui_pos import cli
from tui_pos.catalogue.csv_source import Record
from tui_pos.catalogue.presets import countries, preset
from tui_pos.catalogue.rows import COLUMNS, FURTHER_COLUMNS, RowParser
from tui_pos.money.currency import currency
from tui_pos.people.permissions import BUILT_IN, Permission
from tui_pos.sales.entry import Entry, Pay, parse_entry
from tui_pos.screens import help_text
from tui_pos.screens.actions import ACTIONS
from tui_pos.screens.till import key_label

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
README, CASHIER, OWNER, HARDWARE = (
    path.read_text("utf-8")
    for path in (ROOT / "README.md", DOCS / "cashier.md", DOCS / "owner.md", DOCS / "hardware.md")
)
INSPECTOR = (DOCS / "inspector.md").read_text("utf-8")
EUR = currency("EUR")


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under the line of headings `heading`."""
    lines = page[page.index(heading) :].splitlines()[2:]
    cells = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells.append([cell.strip() for cell in re.split(r"(?<!`)\|(?!`)", line)[1:-1]])
    return cells


def quoted(text: str) -> list[str]:
    """What stands in the type of code, without examples of several lines."""
    return re.findall(r"`([^`]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE))


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", page, re.DOTALL | re.MULTILINE)


# The cashier's page


def test_every_action_is_described_with_its_key() -> None:
    described = {quoted(row[0])[0]: row[1] for row in rows(CASHIER, "| typed | key | does |")}
    keys: Mapping[str, tuple[str, ...]] = {str(action): keys for action, keys in Settings().keys.items()}
    names = {"^": "Ctrl+", "Del": "Delete"}

    def shown(action: str) -> str:
        label = key_label(keys[action][0]) if keys.get(action) else ""
        for short, spoken in names.items():
            label = label.replace(short, spoken)
        return label

    assert described == {f"/{action.name}": shown(action.key) for action in ACTIONS}


def test_keys_without_an_action_are_named_as_such() -> None:
    used = {action.key for action in ACTIONS}
    idle = {key_label(keys[0]) for action, keys in Settings().keys.items() if action not in used}
    (sentence,) = re.findall(r"^(F\d.*) is kept for what comes next", CASHIER, re.MULTILINE)

    assert set(re.findall(r"F\d+", sentence)) == idle


def test_every_kind_of_entry_is_described() -> None:
    typed = [text for row in rows(CASHIER, "| typed, then Enter | does |") for text in quoted(row[0])]

    assert {type(parse_entry(text, EUR)) for text in typed} | {Pay} == set(get_args(Entry))


def test_what_the_help_shows_is_described() -> None:
    described = set(quoted(CASHIER))
    lines = help_text.lines([])
    typed = [
        part for line in lines if line.startswith("  ") for part in line[:24].split("  ") if part.strip()
    ]
    entries = {text.strip() for text in typed} - {"Enter", "Esc", "↑ ↓", "oat dr"}

    assert entries <= described


def test_messages_that_are_explained_exist() -> None:
    template = ROOT / "tui_pos" / "i18n" / "locales" / "tui_pos.pot"
    with template.open("rb") as file:
        texts = [text for message in read_po(file) if message.id for text in _forms(message.id)]
    lights = [
        row[0] for head in ("| scanner |", "| printer |") for row in rows(CASHIER, f"{head} means | do |")
    ]
    shown = [row[0] for row in rows(CASHIER, "| message | what to do |")]
    wanted = [
        word.strip() for cell in (*lights, *shown) for word in re.split(r", (?=…)|, (?=not there)", cell)
    ]
    missing = [text for text in wanted if not any(_fits(text, known) for known in texts)]

    assert len(wanted) > 25
    assert missing == []


def _forms(message: str | tuple[str, ...] | list[str]) -> list[str]:
    return [message] if isinstance(message, str) else list(message)


def _fits(quoted_text: str, known: str) -> bool:
    """Whether a quotation, … for what differs, is from this text of the program."""
    parts = [re.escape(part.strip()) for part in re.split(r"…|1A2B3C", quoted_text)]
    return re.search(".*".join(parts), known, re.DOTALL) is not None


@pytest.mark.parametrize("name", sorted(picture.PICTURES))
async def test_the_pictures_show_the_program_as_it_is(name: str, tmp_path: Path) -> None:
    drawn = picture.words(await picture.draw(name, tmp_path))
    kept = picture.words((DOCS / name).read_text("utf-8"))

    assert drawn == kept, "draw the pictures anew: .venv/bin/python -P -m tests.rigs.picture"


# The owner's page


def test_every_section_of_the_settings_is_named() -> None:
    assert {f"[{name}]" for name in Settings.model_fields} <= set(quoted(OWNER))


def test_the_table_of_roles_is_the_programs() -> None:
    heading = ["cashier", "supervisor", "owner", "bookkeeper", "service"]
    described = {
        quoted(row[0])[0]: row[1:6] for row in rows(OWNER, f"| permission | {' | '.join(heading)} | lets |")
    }

    def cell(role: str, permission: Permission) -> str:
        rights = BUILT_IN[role]
        limits = {
            Permission.DISCOUNT: rights.max_discount_percent,
            Permission.PRICE_CHANGE: rights.max_price_change_percent,
        }
        if permission not in rights.permissions:
            return ""
        limit = limits.get(permission)
        return "yes" if limit is None else f"{limit} %"

    assert described == {
        str(permission): [cell(role, permission) for role in heading] for permission in Permission
    }
    assert set(heading) == set(BUILT_IN)


def test_every_column_of_a_catalogue_is_described() -> None:
    described = {name for row in rows(OWNER, "| column | holds | where empty |") for name in quoted(row[0])}

    assert described == set(COLUMNS)
    assert set(FURTHER_COLUMNS) <= set(quoted(OWNER))


def test_the_example_of_a_catalogue_can_be_imported() -> None:
    (text,) = blocks(OWNER, "csv")
    header, *records = csv.reader(io.StringIO(text))
    parser = RowParser(header, {}, EUR, [tax_class.code for tax_class in preset("IE")])

    parsed = [parser.parse(Record(line, cells)) for line, cells in enumerate(records, 2)]

    assert tuple(header) == COLUMNS
    assert [row and row.draft.price_minor for row in parsed] == [189, 1199, 299, None]


def test_every_country_and_tax_class_is_named() -> None:
    chapter = OWNER[OWNER.index("## Tax") : OWNER.index("## Cash rounding")]
    listed = chapter[chapter.index("enacted:") : chapter.index("`standard`")]

    assert re.findall(r"\b[A-Z]{2}\b", listed) == countries()
    assert {each.code for country in countries() for each in preset(country)} <= set(quoted(chapter))


# The page on devices


def test_in_store_prefixes_are_those_that_are_read() -> None:
    table = rows(HARDWARE, "| region | prefixes with a price | with a weight | with a count |")
    described = {
        (region, prefix): kind
        for row in table
        for region in quoted(row[0])
        for kind, cell in zip(("price", "weight_kg", "count"), row[1:], strict=False)
        for prefix in _prefixes(cell)
    }
    read = {
        (region, str(prefix)): kind
        for region in REGIONS
        for prefix in range(20, 30)
        if (kind := _kind(region, prefix))
    }

    assert described == read


def _prefixes(cell: str) -> Iterator[str]:
    if " to " in cell:
        first, last = map(int, re.findall(r"\d+", cell))
        yield from map(str, range(first, last + 1))
    else:
        yield from re.findall(r"\d+", cell)


def _kind(region: str, prefix: int) -> str:
    """What a code of this prefix holds. Some regions put a check digit before it: one of ten is right."""
    for digit in range(10):
        digits = f"{prefix}12345{digit}1234"[:12] if region != "de" else f"{prefix}1234{digit}01234"
        try:
            item = read_by_region("0" + digits + check_digit(digits), region)
        except ValueError:
            continue
        return _measure(item) if item else ""
    raise AssertionError(f"no code of {region} {prefix} can be read")


def _measure(item: InStoreItem) -> str:
    return next(name for name in ("price", "weight_kg", "count") if getattr(item, name) is not None)


# All pages


def test_every_command_and_option_is_described() -> None:
    text = README + OWNER + HARDWARE + INSPECTOR
    missing = [words for words in _commands(cli._parser(), "tui-pos") if words not in text]

    assert missing == []


def _commands(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command, below in action.choices.items():
                if not any(isinstance(each, argparse._SubParsersAction) for each in below._actions):
                    yield f"{name} {command}"
                yield from _commands(below, f"{name} {command}")
        elif action.option_strings and action.option_strings[-1] not in ("--help", "--version"):
            yield action.option_strings[-1]


def test_make_knows_every_target_and_the_readme_names_them() -> None:
    targets = set(re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())  # type: ignore[index]
    named = set(re.findall(r"\bmake\s+([a-z]+)\b", re.sub(r"venv`, `make` and", "", README)))

    assert named == targets


@pytest.mark.parametrize("page", [README, OWNER, HARDWARE], ids=["README", "owner", "hardware"])
def test_examples_of_settings_are_taken(page: str) -> None:
    examples = blocks(page, "toml")

    assert examples
    for example in examples:
        Settings.model_validate(tomllib.loads(example))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`]*`", "", page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https://"):
            continue
        file, _hash, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_every_decision_is_listed_and_whole() -> None:
    folder = DOCS / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    notes = sorted(folder.glob("[0-9]*.md"))

    assert [note.name[:4] for note in notes] == [f"{number:04}" for number in range(1, len(notes) + 1)]
    for note in notes:
        text = note.read_text("utf-8")
        title = text.splitlines()[0].removeprefix("# ")
        assert f"[{title}]({note.name})" in index
        assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequence"]

import re
from pathlib import Path

from config.documentation import EXAMPLE_FILE, MARKDOWN_FILE, as_example, as_markdown, sections
from config.loading import load, settings_keys
from config.settings import Settings

AGAIN = "run: python -P -m config.documentation"


def test_the_page_says_what_the_settings_are() -> None:
    assert MARKDOWN_FILE.read_text(encoding="utf-8") == as_markdown(), AGAIN


def test_the_example_says_what_the_settings_are() -> None:
    assert EXAMPLE_FILE.read_text(encoding="utf-8") == as_example(), AGAIN


def test_every_setting_is_explained() -> None:
    told = {section: tuple(entry.name for entry in entries) for section, _, entries in sections()}

    assert told == settings_keys()
    assert all(about and all(entry.text for entry in entries) for _, about, entries in sections())


def test_the_example_holds_the_defaults(tmp_path: Path) -> None:
    """As it is, and with the # taken away before every setting, it changes nothing."""
    assert load(EXAMPLE_FILE).settings.model_dump() == Settings().model_dump()

    path = tmp_path / "all.toml"
    path.write_text(re.sub(r"^#(?=\w)", "", as_example(), flags=re.MULTILINE), encoding="utf-8")
    loaded = load(path)

    assert loaded.settings.model_dump() == Settings().model_dump()
    assert all(row.origin.startswith(f"{path}:") for row in loaded.rows())

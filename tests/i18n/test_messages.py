"""The texts of the program are collected, translated and compiled, and none is left out."""

import ast
import gettext
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tests.messages import LANGUAGES, PACKAGE, TEMPLATE, as_po, collect, missing, read, translation_file

AGAIN = "run: make messages"


def messages(language: str) -> list[Message]:
    """The texts that are translated; another test finds those that are not."""
    catalog = read(translation_file(language), language)
    return [message for message in catalog if message.id and all(forms(message.string))]


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def placeholders(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_the_template_holds_the_texts_of_the_program() -> None:
    assert TEMPLATE.read_bytes() == as_po(collect()), AGAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    catalog = read(translation_file(language), language)

    assert {message.id for message in catalog} == {message.id for message in collect()}, AGAIN
    assert not missing(catalog)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_file_says_what_the_readable_one_says(language: str) -> None:
    with translation_file(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in messages(language):
        texts = forms(message.string)
        if isinstance(message.id, str):
            assert (compiled.gettext(message.id),) == texts, AGAIN
        else:
            one, many = message.id
            assert tuple(compiled.ngettext(one, many, count) for count in (1, 2)) == texts, AGAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    for message in messages(language):
        wanted = placeholders(forms(message.id)[-1])
        for text in forms(message.string):
            assert placeholders(text) == wanted, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_shape_of_the_text(language: str) -> None:
    """Full stop or not at the end, blanks around: texts are put side by side."""
    for message in messages(language):
        for text, translated in zip(forms(message.id), forms(message.string), strict=True):
            assert (text[-1] in ".!?:…,") == (translated[-1] in ".!?:…,"), (text, translated)
            assert (text != text.lstrip(), text != text.rstrip()) == (
                translated != translated.lstrip(),
                translated != translated.rstrip(),
            ), (text, translated)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_only_whole_literals_are_given_to_gettext() -> None:
    """An f-string or a name inside _() is never found by the collection, so it stays English for ever."""
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        if path.parent.name != "i18n"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "ngettext")
        for argument in node.args[: 1 if node.func.id == "_" else 2]
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str))
    ]
    assert not wrong


# What a person reads looks like this: two words, or one with a capital.
PROSE = re.compile(r"[^\W\d_]{2,}[,.:;]? +[^\W\d_]{2,}|^[A-Z][a-z]{2,}[.:!?…]?$")
STYLE = re.compile(
    r"(bold|dim|italic|reverse|underline|strike|not|on|#\w+|[a-z]*(red|green|yellow|blue|white|black) ?)( |$)"
)
# Printed so on the keys of every keyboard.
KEY_CAPS = {"Esc", "Del", "Enter", "Tab", "Ctrl", "Alt"}
# Arguments that are names for the program.
NAMES = {
    "id",
    "classes",
    "name",
    "style",
    "group",
    "variant",
    "exclude",
    "markup",
    "key",
    "action",
    "mode",
    "format",
}
# Calls whose texts are for the program or for those who mend it.
FOR_THE_PROGRAM = {
    "_",
    "ngettext",
    "query_one",
    "query",
    "getattr",
    "setattr",
    "getLogger",
    "compile",
    "style",
    "Literal",
}
FOR_THE_LOG = {"debug", "info", "warning", "error", "exception", "critical"}
PROGRAMMERS_ERRORS = {
    "ValueError",
    "TypeError",
    "AssertionError",
    "RuntimeError",
    "KeyError",
    "NotImplementedError",
}


class Untranslated(ast.NodeVisitor):
    """Finds the texts for people that do not go through gettext."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def visit_Constant(self, node: ast.Constant) -> None:
        text = node.value
        if isinstance(text, str) and PROSE.search(text) and not STYLE.match(text) and text not in KEY_CAPS:
            self.found.append((node.lineno, text))

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        logs = called in FOR_THE_LOG and getattr(owner, "id", getattr(owner, "attr", "")) in (
            "log",
            "logger",
            "logging",
        )
        if called in FOR_THE_PROGRAM or called in PROGRAMMERS_ERRORS or logs:
            return
        self.visit(node.func)
        for argument in [*node.args, *(k.value for k in node.keywords if k.arg not in NAMES)]:
            self.visit(argument)

    def visit_Assign(self, node: ast.Assign) -> None:
        if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:  # never the annotation: it may be a text
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for statement in [*node.args.defaults, *node.body]:
            self.visit(statement)

    def visit_ImportFrom(self, _node: ast.ImportFrom) -> None:
        return


def untranslated(source: str) -> list[str]:
    finder = Untranslated()
    finder.visit(ast.parse(source))
    return [text for _line, text in finder.found]


def test_no_text_of_the_screens_passes_by_gettext() -> None:
    wrong = []
    for path in [
        PACKAGE / "app.py",
        *(PACKAGE / "screens").rglob("*.py"),
        *(PACKAGE / "widgets").rglob("*.py"),
    ]:
        finder = Untranslated()
        finder.visit(ast.parse(path.read_text(encoding="utf-8")))
        wrong += [f"{path.relative_to(PACKAGE)}:{line}: {text!r}" for line, text in finder.found]
    assert not wrong


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Static('Total')", ["Total"]),
        ("self.notify('no such code')", ["no such code"]),
        ("tell(f'{count} of them left')", [" of them left"]),
        ("x = _('Total')", []),
        ("x = ngettext('{n} line left', '{n} lines left', 3)", []),
        ("'''A docstring here.'''", []),
        ("def f():\n    '''A docstring here.'''\n    return 'Not paid'", ["Not paid"]),
        ("log.warning('the printer is gone')", []),
        ("Text('x', style='bold red')", []),
        ("Static('x', classes='one two')", []),
        ("raise ValueError('only for programmers')", []),
        ("x: 'Some Type' = None", []),
        ("style('basket--line')", []),
        ("fit(text, 9, 'right')", []),
    ],
)
def test_what_counts_as_a_text_for_people(source: str, found: list[str]) -> None:
    assert untranslated(source) == found

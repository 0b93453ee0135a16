"""The set-up on the screen: one question at a time, the steps beside it, nothing written before the last one."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from hardware.ports import Scan
from tui_pos.i18n import _, use_language
from tui_pos.people.errors import PeopleError
from tui_pos.screens.base import KeyedScreen
from tui_pos.setup.answers import PIN, Answer, Answers, SetUpError, text_of
from tui_pos.setup.question import Kind, Option, Question, Step, step_names
from tui_pos.widgets.bars import KeyLegend, MessageBar, Mood, StatusBar
from tui_pos.widgets.choices import Choice, Choices
from tui_pos.widgets.entry_line import EntryLine

log = logging.getLogger(__name__)

TOLD_LINES = 6
"""How many of the last scans stay in view."""

LEAVE_KEYS = ("ctrl+c", "ctrl+q")
Stop = Callable[[], None]
REFUSALS = (SetUpError, PeopleError)


@dataclass(frozen=True, slots=True)
class Tools:
    """What the screen needs done, without knowing settings, devices or database.

    `check` and `finish` raise SetUpError or PeopleError. `print_page` says what went wrong, or nothing; it and
    `finish` are called in a thread. `start_scanner` tells what arrives from a thread of its own.
    """

    questions: Callable[[Answers], Sequence[Question]]
    check: Callable[[Answers, Answers], None]
    print_page: Callable[[Answers], str]
    start_scanner: Callable[[Answers, Callable[[str], None]], Stop | None]
    told_scan: Callable[[Answers, Scan], str]
    finish: Callable[[Answers], Sequence[str]]


class DeviceTold(Message):
    """A scanner or a printer that is tried has something to say."""

    def __init__(self, question: str, text: str, mood: Mood) -> None:
        super().__init__()
        self.question, self.text, self.mood = question, text, mood


class Finished(Message):
    """The set-up is done, or was refused: then `lines` is empty and `error` says why."""

    def __init__(self, lines: Sequence[str], error: str = "") -> None:
        super().__init__()
        self.lines, self.error = tuple(lines), error


class SetUp(KeyedScreen):
    """Questions and their answers. Esc goes back one question, and what was typed there is kept."""

    def __init__(self, tools: Tools, answers: Mapping[str, Answer]) -> None:
        super().__init__()
        self.answers = dict(answers)
        self._tools = tools
        self._at = 0
        self._questions = tuple(tools.questions(self.answers))
        self._options: tuple[Option, ...] = ()
        self._marked = 0
        self._drafts: dict[str, str] = {}
        self._answered: dict[str, str] = {}  # by question, in the words of this screen
        self._told: list[str] = []
        self._doubted = ""  # what was typed and is taken at a second Enter
        self._stop: Stop | None = None
        self._busy = False
        self._leaving = False
        self._typing = False  # since the choice was shown: what is typed narrows it
        self.done: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield StatusBar()
        with Horizontal(id="setup"):
            yield Static(id="steps", markup=False)
            with Vertical(id="question"):
                yield Static(id="settled", markup=False)
                yield Static(id="words", markup=False)
                yield Choices()
                yield Static(id="facts", markup=False)
        yield MessageBar()
        yield EntryLine()
        yield KeyLegend()

    def on_mount(self) -> None:
        self._ask()
        super().on_mount()

    def on_unmount(self) -> None:
        self._stop_scanner()
        super().on_unmount()

    @property
    def question(self) -> Question:
        """The question that is asked now."""
        return self._questions[self._at]

    # Going from question to question

    def _ask(self) -> None:
        """Begin with the question that it is the turn of."""
        question = self.question
        self._options = tuple(question.options())
        self._marked = self._present_option()
        self._typing = False
        self._told = []
        self._doubted = ""
        self.entry.set(self._drafts.get(question.key, question.initial))
        if question.kind is Kind.SCAN:
            self._stop = self._tools.start_scanner(self.answers, self._from_device(question.key))

    def _present_option(self) -> int:
        """The option that says what is so already."""
        answers, key = self.answers, self.question.key
        whole = [i for i, each in enumerate(self._options) if each.values.items() <= answers.items()]
        about = [
            i
            for i, each in enumerate(self._options)
            if key in answers and each.values.get(key) == answers[key]
        ]
        return (whole or about or [0])[0]

    def _go(self, step: int) -> None:
        self._stop_scanner()
        self._leaving = False
        key = self.question.key
        self._questions = tuple(self._tools.questions(self.answers))
        keys = [question.key for question in self._questions]
        self._at = keys.index(key) + step
        self._ask()
        self.query_one(MessageBar).show("")
        self.show()

    def _back(self) -> None:
        question = self.question
        if self._at == 0:
            if self._leaving:
                self.app.exit()
                return
            self._leaving = True
            self.tell(_("Esc again leaves the set-up. Nothing has been written."), Mood.WARNING)
            return
        if question.kind is Kind.TEXT:
            self._drafts[question.key] = self.entry.text
        self._go(-1)

    def _settle(self, changes: Mapping[str, Answer], words: str) -> None:
        """Take an answer, if it may be one, and go on."""
        try:
            self._tools.check(self.answers, changes)
        except REFUSALS as error:
            if self.question.kind is Kind.PIN:  # nobody sees which digits are still there
                self.entry.set("")
                self.show()
            self.tell(str(error), Mood.BAD)
            return
        self.answers.update(changes)
        self._answered[self.question.key] = words
        self._drafts.pop(self.question.key, None)
        if "display.language" in changes:
            use_language(text_of(changes, "display.language"))
        if PIN in changes:
            self._drafts.pop("owner.again", None)
        self._go(1)

    def _settle_typed(self, text: str) -> None:
        """Take what was typed; where something speaks against it, at the second Enter."""
        question = self.question
        assert question.typed is not None
        doubt = question.doubt(text) if text != self._doubted else ""
        if doubt:
            self._doubted = text
            self.tell(doubt, Mood.WARNING)
        else:
            self._settle(question.typed(text), "" if question.kind is Kind.PIN else text)

    # What is shown

    def show(self) -> None:
        question = self.question
        names = step_names()
        steps = list(names)
        place = f"{steps.index(question.step) + 1}/{len(steps)}"
        self.query_one(StatusBar).show(_("Setting up the shop"), names[question.step], (), place)
        self.query_one("#steps", Static).update("\n".join(self._step_lines(names)))
        settled = self._settled()
        self.query_one("#settled", Static).update("\n".join(settled))
        self.query_one("#settled").display = bool(settled)
        words = _("The shop is set up.") if self.done else question.text
        self.query_one("#words", Static).update(words)
        fitting = self._fitting()
        choices = self.query_one(Choices)
        choices.display = bool(self._options)
        if self._options:
            self._marked = min(self._marked, max(0, len(fitting) - 1))
            shown = tuple(Choice("", self._options[i].name, self._options[i].right) for i in fitting)
            choices.styles.height = max(
                1, min(len(self._options), self.app.size.height - 12 - len(question.facts))
            )
            empty = _("nothing fits") if question.typed is None else _("Enter takes what you typed")
            choices.show(shown, self._marked, empty)
        self.query_one("#facts", Static).update("\n".join(self.done or self._told or question.facts))
        self._show_entry()
        self.query_one(KeyLegend).show(self._keys())

    def _step_lines(self, names: Mapping[Step, str]) -> list[str]:
        now = list(names).index(self.question.step)
        marks = ["✓" if i < now or self.done else "▸" if i == now else " " for i in range(len(names))]
        return [f" {mark} {name}" for mark, name in zip(marks, names.values(), strict=True)]

    def _settled(self) -> list[str]:
        """What was answered in this step so far."""
        before = [each for each in self._questions[: self._at] if each.step is self.question.step]
        return [f"{each.name}: {self._answered[each.key]}" for each in before if self._answered.get(each.key)]

    def _show_entry(self) -> None:
        question = self.question
        hidden = question.kind is Kind.PIN
        text = "•" * len(self.entry.text) if hidden else self.entry.text
        hints = {
            Kind.CHOICE: _("type to narrow")
            if question.typed is None
            else _("type to narrow, or another one"),
            Kind.SCAN: _("scan something; Enter goes on"),
            Kind.SUMMARY: "" if self.done else _("Enter sets the shop up"),
        }
        line = self.query_one(EntryLine)
        line.show(text, self.entry.cursor, hints.get(question.kind, ""), f"{question.name} ›")

    def _keys(self) -> tuple[tuple[str, str], ...]:
        if self.done:
            return (("⏎", _("end")),)
        choose = (("↑ ↓", _("choose")),) if self._options else ()
        clear = (("^U", _("clear")),) if self.question.kind is Kind.TEXT and self.entry.text else ()
        forth = _("set up") if self.question.kind is Kind.SUMMARY else _("go on")
        back = _("leave") if self._at == 0 else _("back")
        return (("^C", _("leave")), *choose, *clear, ("⏎", forth), ("Esc", back))

    def tell(self, text: str, mood: Mood = Mood.PLAIN) -> None:
        self.query_one(MessageBar).show(text, mood)
        if mood is Mood.BAD:
            self.sound()

    def on_resize(self) -> None:
        super().on_resize()
        self.call_after_refresh(self.show)

    # What is typed

    def is_typed(self, burst: str) -> bool:
        """Only where a scanner is tried is anything a scan."""
        return self.question.kind is not Kind.SCAN

    def typed(self, text: str) -> None:
        if self._busy or self.question.kind in (Kind.SCAN, Kind.PRINT, Kind.SUMMARY):
            return
        self.entry.insert(text)
        if self._options:
            self._marked, self._typing = 0, True
        self.show()

    def pressed(self, key: str) -> None:
        if self.done:
            if key in ("enter", "escape"):
                self.app.exit()
        elif self._busy:
            self.sound()
        elif key in LEAVE_KEYS:
            self.app.exit()
        elif key == "enter":
            self._enter()
        elif key == "escape":
            self._back()
        elif key in ("up", "down", "pageup", "pagedown"):
            step = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}[key]
            self._marked = max(0, self._marked + step)
            self.show()
        elif self.entry.edit(key):
            self.show()

    def _fitting(self) -> list[int]:
        """The options that fit what was typed, the closest first."""
        typed = self.entry.text.strip() if self._typing else ""
        if not typed:
            return list(range(len(self._options)))
        close = [(each.closeness(typed), i) for i, each in enumerate(self._options)]
        return [i for _closeness, i in sorted((how, i) for how, i in close if how is not None)]

    def _enter(self) -> None:
        question, text = self.question, self.entry.text.strip()
        fitting = self._fitting()
        if question.kind is Kind.SCAN:
            self._go(1)
        elif question.kind is Kind.SUMMARY:
            self._finish()
        elif question.kind is Kind.PRINT and self._marked == 0:
            self._print()
        elif fitting:
            option = self._options[fitting[self._marked]]
            self._settle(option.values, option.name if question.kind is Kind.CHOICE else "")
        elif question.typed is None:
            self.tell(_("Nothing fits: type less, or choose with ↑ ↓."), Mood.BAD)
        else:
            self._settle_typed(text)

    # Devices

    def _from_device(self, key: str) -> Callable[[str], None]:
        def tell(text: str) -> None:
            self.post_message(DeviceTold(key, text, Mood.PLAIN))

        return tell

    def scanned(self, scan: Scan) -> None:
        if self.question.kind is Kind.SCAN:
            self._tell_scan(self._tools.told_scan(self.answers, scan))

    def _tell_scan(self, text: str) -> None:
        self._told = [*self._told, text][-TOLD_LINES:]
        self.show()

    def _stop_scanner(self) -> None:
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _print(self) -> None:
        self._busy = True
        self.tell(_("Printing …"))
        answers, key = dict(self.answers), self.question.key

        def work() -> None:
            try:
                fault = self._tools.print_page(answers)
            except Exception as error:  # whatever it is: the screen must not wait for ever
                log.exception("the test receipt")
                fault = str(error) or type(error).__name__
            text = fault or _("The test receipt was sent. Did it come out right? Then go on.")
            self.post_message(DeviceTold(key, text, Mood.BAD if fault else Mood.GOOD))

        threading.Thread(target=work, name="trial", daemon=True).start()

    def on_device_told(self, message: DeviceTold) -> None:
        """Of a device that is still being tried; what comes later is of no interest."""
        if message.question != self.question.key:
            return
        if self.question.kind is Kind.SCAN:
            self._tell_scan(message.text)
            return
        self._busy = False
        self._marked = 0 if message.mood is Mood.BAD else 1
        self.show()
        self.tell(message.text, message.mood)

    # The end

    def _finish(self) -> None:
        self._busy = True
        self.tell(_("Setting up …"))
        answers = dict(self.answers)

        def work() -> None:
            try:
                self.post_message(Finished(self._tools.finish(answers)))
            except Exception as error:  # whatever it is: the screen must not wait for ever
                log.exception("the set-up")
                self.post_message(Finished((), str(error) or type(error).__name__))

        threading.Thread(target=work, name="set-up", daemon=True).start()

    def on_finished(self, message: Finished) -> None:
        """Tell what was done, or what is in the way."""
        self._busy = False
        self.done = message.lines
        self.show()
        if message.error:
            self.tell(" ".join(message.error.split()), Mood.BAD)
        else:
            self.tell(_("Done. Start the till with: tui-pos"), Mood.GOOD)

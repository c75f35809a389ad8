"""A config written for one release of Olive, rewritten for a later one. A pure function on a document.

Steps in the order of the parts they concern, each guarded by the release that brought the change; then what the schemas'
own history says of every key, value and default; at last what the target still refuses, so that nothing is refused
silently. The text keeps its layout, order and comments.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from olive_schemas.problems import Severity
from olive_schemas.releases import FIRST_CURRENT, RELEASES, era_of, index, only
from olive_schemas.tree import Tree

from . import (
    migrate_data,
    migrate_engine,
    migrate_history,
    migrate_metrics,
    migrate_model,
    migrate_passes,
    migrate_systems,
    migrate_training,
)
from .document import Document, Settings
from .edits import Edit
from .migrate_draft import Draft, Kind, Note
from .syntax_fixes import comments

__all__ = ["NEWEST", "WORDS", "Kind", "Migration", "Note", "in_words", "migrate", "source_release"]

NEWEST = RELEASES[-2]
"""The newest release proper."""
_CLEAR = frozenset(("json-comment", "json-trailing-comma", "json-duplicate-key", "json-encoding"))
"""What is no JSON and yet leaves no doubt about the config; anything else is mended first."""
WORDS: dict[Kind, str] = {
    "exact": "exact",
    "default": "written out",
    "lossy": "lossy",
    "person": "for a person",
}
_SHOWN = 60
_STEPS = (
    migrate_engine.before,
    migrate_model.migrate,
    migrate_systems.migrate,
    migrate_data.migrate,
    migrate_metrics.migrate,
    migrate_passes.migrate,
    migrate_training.migrate,
    migrate_model.resources,
    migrate_engine.migrate,
    migrate_history.names,
    migrate_history.defaults,
)


@dataclass(frozen=True)
class Migration:
    """`text` is the whole new text; `notes` are in the order of the text before."""

    text: str
    source: str
    target: str
    before: str
    notes: tuple[Note, ...] = ()

    @property
    def changed(self) -> bool:
        return self.text != self.before

    @property
    def exact(self) -> bool:
        """Whether nothing is lost and nobody has to do anything."""
        return not any(note.kind in ("lossy", "person") for note in self.notes)

    def edits(self) -> list[Edit]:
        """The change as one edit of what differs."""
        if not self.changed:
            return []
        old, new = self.before, self.text
        most = min(len(old), len(new))
        start = next((i for i in range(most) if old[i] != new[i]), most)
        end = next((i for i in range(most - start) if old[-1 - i] != new[-1 - i]), most - start)
        return [Edit(start, len(old) - end, new[start : len(new) - end])]


def migrate(document: Document, target: str = NEWEST, source: str | None = None) -> Migration:
    """The config for `target`, a release from 0.7.0 on. source: the release it is written for; by default the newest one
    that takes it best. Never raises on any text."""
    if source is None:
        source = source_release(document, target)
    draft = Draft(document.text, source, target)
    unclear = next((problem for problem in document.tree.problems if problem.code not in _CLEAR), None)
    if unclear or not isinstance(document.config, dict):
        why = "a config is an object { ... }"
        if unclear:
            line = document.tree.lines.position(unclear.start)[0] + 1
            why = f"the file is not JSON: line {line}: {unclear.message}"
        draft.person(
            f"nothing is changed, since {why}", document.tree.at(unclear.start)[0] if unclear else ""
        )
        return Migration(document.text, source, target, document.text, tuple(draft.notes))
    if index(target) < index(FIRST_CURRENT):
        draft.person(f"{target} is older than 0.7.0: configs are only brought to later forms", "")
        return Migration(document.text, source, target, document.text, tuple(draft.notes))
    if index(source) <= index(target):
        draft.run(_STEPS)
    _lost_comments(document, draft)
    _left(document, draft)
    return Migration(draft.text, source, target, document.text, _in_order(document, draft.notes))


def source_release(document: Document, target: str) -> str:
    """The newest release, not after the target, that refuses and ignores the least of the config."""
    from olive_schemas.rules import findings
    from olive_schemas.shapes import View

    best, fewest = target, -1
    for release in reversed([release for release in RELEASES if index(release) <= index(target)]):
        view = View(document.tree, document.config, era_of(release), only(release))
        grave = (p for p in findings(view) if p.severity in (Severity.ERROR, Severity.WARNING))
        count = sum(1 + len(problem.related) for problem in grave)
        if fewest < 0 or count < fewest:
            best, fewest = release, count
        if not count:
            break
    return best


def _left(document: Document, draft: Draft) -> None:
    """What the target refuses all the same."""
    from .checking import problems

    after = replace(document, text=draft.text, version=None, settings=Settings(olive_version=draft.target))
    told = [note.pointer for note in draft.notes if note.kind in ("lossy", "person")]
    for problem in problems(after):
        place = draft.origin(problem.pointer)
        near = any(
            f"{place}/".startswith(f"{other}/") or f"{other}/".startswith(f"{place}/") for other in told
        )
        if problem.severity is Severity.ERROR and (not near or not place):
            said = "Olive" in problem.message
            draft.person(
                problem.message if said else f"Olive {draft.target} refuses the config: {problem.message}",
                problem.pointer,
            )


def in_words(document: Document, migration: Migration) -> list[str]:
    """What the migration did: a line that counts, then each note with its line, what is lost or to be done first."""
    lines = document.tree.lines
    ordered = sorted(migration.notes, key=lambda note: note.kind in ("exact", "default"))
    counts = [
        f"{number} {words}"
        for kind, words in WORDS.items()
        if (number := sum(note.kind == kind for note in ordered))
    ]
    head = (
        f"from Olive {migration.source} to {migration.target}: {', '.join(counts) or 'only the form changes'}"
    )
    places = [lines.position(document.tree.span(note.pointer, "key")[0])[0] + 1 for note in ordered]
    return [
        head,
        *(
            f"line {place}, {WORDS[note.kind]}: {note.message}"
            for place, note in zip(places, ordered, strict=True)
        ),
    ]


def _lost_comments(document: Document, draft: Draft) -> None:
    """Those in values that went, or that are written anew elsewhere."""
    kept = Counter(" ".join(text.split()) for text, _ in comments(draft.text))
    for written, place in comments(document.text):
        text = " ".join(written.split())
        if kept[text] > 0:
            kept[text] -= 1
        else:
            shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
            draft.notes.append(
                Note(
                    "lossy", f"the comment {shown} is gone with what it stood in", document.tree.at(place)[0]
                )
            )


def _in_order(document: Document, notes: list[Note]) -> tuple[Note, ...]:
    tree = document.tree
    notes = [replace(note, pointer=_present(tree, note.pointer)) for note in notes]
    return tuple(sorted(notes, key=lambda note: tree.span(note.pointer, "key")[0]))


def _present(tree: Tree, pointer: str) -> str:
    """The place, or the nearest around it that the text before has."""
    while pointer and tree.find(pointer) is None:
        pointer = pointer.rpartition("/")[0]
    return pointer

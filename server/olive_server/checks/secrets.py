"""Secrets written into the file: configs are committed, sent and logged.

`secret`: a value that has the shape of a token, or a plain text under a key such as `token` or `password`. The value
itself is never repeated. Give it to the run by the environment instead (HF_TOKEN, `huggingface-cli login`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Severity

from ._told import remove, told

if TYPE_CHECKING:
    from olive_schemas.shapes import Place

    from ..document import Document

CODES = {"secret": "a token or password is written into the file"}
_TOKEN = re.compile(
    r"\bhf_[A-Za-z0-9]{16,}\b"
    r"|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{20,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}\b"
    r"|\bgithub_pat_[A-Za-z0-9_]{20,}\b"
    r"|\bglpat-[A-Za-z0-9_-]{16,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|\bxox[baprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"
    r"|(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{16,}"
    r"|[?&]sig=[A-Za-z0-9%+/=]{16,}"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
    r"|://[^/\s:@]+:[^/\s:@]{3,}@"
)
_KEY = re.compile(
    r"(?:hf|hub|auth|access|api|bearer|wandb|azure|use_auth|huggingface|sas|account|client|storage|secret|private)?_?"
    r"(?:token|password|passwd|secret|api_?key|access_?key|account_?key|secret_?key|private_?key|connection_?string|credential)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[<$%{\[].*|[*x.]+|(?:your|my|the|insert|put|enter)[ _-].*(?:token|key|secret|password)|.*here|token|password|secret",
    re.IGNORECASE,
)
_SIGNS = (
    *("token", "passw", "secret", "key", "credential", "connection"),
    *("hf_", "sk-", "pk-", "rk-", "_pat_", "glpat", "akia", "xox", "aiza", "eyj", "sig=", "://"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
)
"""Without one of them a text, lower-cased, has no secret that is found here."""


def check(document: Document) -> Iterable[Problem]:
    text = document.text.lower()
    if not any(sign in text for sign in _SIGNS):
        return
    for place in document.view.places:
        if holds_secret(place):
            key = place.member.name if place.member else ""
            named = f"`{key}` holds" if key else "this is"
            yield told(
                Severity.WARNING,
                "secret",
                f"{named} what looks like a secret in plain text: whoever gets this file, or its copy beside a run, "
                "gets it too; give it by the environment (HF_TOKEN) instead, and have it replaced if the file was shared",
                place.pointer,
                remedies=[remove(place.pointer, title="Remove the secret")],
            )


def holds_secret(place: Place) -> bool:
    """Whether a string looks like a secret, by itself or by its key."""
    value = place.node.value
    if place.node.kind != "string" or len(value) < 6:
        return False
    key = place.member.name if place.member else ""
    named = place.shape.prop.get("x-secret") or _KEY.fullmatch(key)
    return bool(_TOKEN.search(value) or (named and _literal(value)))


def scrubbed(text: str) -> str:
    """The text without anything that has the shape of a token."""
    return _TOKEN.sub("(secret)", text)


def _literal(value: str) -> bool:
    return not _PLACEHOLDER.fullmatch(value) and not any(sign.isspace() for sign in value)

"""Data: from a data config to token sequences, the same ones that Olive makes of it.

`check` and `columns` look at files without heavy imports; `load` gives rows, `tokenise` sequences, `pad` what Olive
would feed of them; `fingerprint` is the content address of all that decides the tokens.
"""

from __future__ import annotations

from .checking import check
from .evaluation_split import split_for_eval
from .fingerprints import fingerprint
from .loading import load
from .peeking import columns, first_row
from .settings import own_tokenizer
from .tokenising import FirstSample, first_sample, tokenise
from .tokens import IGNORED, Tokens, collate, pad

__all__ = [
    "IGNORED",
    "FirstSample",
    "Tokens",
    "check",
    "collate",
    "columns",
    "fingerprint",
    "first_row",
    "first_sample",
    "load",
    "own_tokenizer",
    "pad",
    "split_for_eval",
    "tokenise",
]

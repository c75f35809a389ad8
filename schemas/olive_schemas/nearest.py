"""The name that someone most likely meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache


@lru_cache(maxsize=4096)
def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


_USUAL = 0.72


def nearest(name: str, known: Iterable[str], cutoff: float = _USUAL) -> str | None:
    """The known name most like `name`, or None where none is like it. Case, `_` and `-` count for nothing."""
    return _nearest(name, tuple(known), cutoff)


@lru_cache(maxsize=256)
def _nearest(name: str, known: tuple[str, ...], cutoff: float) -> str | None:
    """Remembered: many configs of one folder lack the same file."""
    wanted = _bare(name)
    if not wanted:
        return None
    best, best_score = None, cutoff
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    for candidate in known:
        bare = _bare(candidate)
        if bare == wanted:
            return candidate
        matcher.set_seq1(bare)
        unlike = matcher.real_quick_ratio() <= best_score or matcher.quick_ratio() <= best_score
        if unlike and _within(name, candidate) <= best_score:
            continue
        score = max(matcher.ratio(), _within(name, candidate))
        if score > best_score:
            best, best_score = candidate, score
    if best is None and cutoff <= _USUAL and len(wanted) >= 4:
        # Half a name: "Merge" is short of "MergeAdapterWeights", but nothing else begins like that.
        begun = [candidate for candidate in known if _bare(candidate).startswith(wanted)]
        return begun[0] if len(begun) == 1 else None
    return best


def _within(name: str, candidate: str) -> float:
    """How surely a name is another one with words left out: `train_batch_size` of `per_device_train_batch_size`."""
    if "_" not in name or len(candidate) <= len(name):
        return 0.0
    words = candidate.lower().split("_")
    return 0.9 if set(name.lower().split("_")) <= set(words) else 0.0


def unmistakable(name: str, known: Iterable[str]) -> str | None:
    """The known name that alone can be meant: very like `name`, and nothing else nearly as like."""
    wanted = _bare(name)
    if not wanted:
        return None
    scores = sorted(
        (
            (SequenceMatcher(None, wanted, _bare(other), autojunk=False).ratio(), other)
            for other in set(known)
        ),
        reverse=True,
    )
    if not scores or scores[0][0] < 0.8 or (len(scores) > 1 and scores[0][0] - scores[1][0] < 0.08):
        return None
    return scores[0][1]


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """`; did you mean "x"?` or what to say otherwise."""
    found = nearest(name, known)
    return f"; did you mean `{found}`?" if found else otherwise


def listing(names: Iterable[str], most: int = 12) -> str:
    """`a`, `b`, `c` or `d`; long lists are cut."""
    shown = [f"`{name}`" for name in names]
    if len(shown) > most:
        return ", ".join(shown[:most]) + f" and {len(shown) - most} more"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1] if shown else "nothing"

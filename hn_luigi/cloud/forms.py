"""One word, one form: which words are plurals of which, and which spelling is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from hn_luigi.cloud.tokens import key_of

# Among them are names (Gates), words that are something else without their s (news), and words
# whose singular is another (lens, Mars).
_NO_PLURALS = """
    adams andrews arms atlas aws canvas charles christmas css dallas daniels davids dns does
    edwards evans gates goods gps has headquarters his https ios jacobs james jenkins johns kansas
    lens macos mars matthews means news odds peters phillips pros rails richards roberts rogers
    sanders series species stevens texas thanks this times vegas wales waters williams windows
    woods yes
"""
# Of the words in -ics, these alone are plurals: politics, economics, physics aren't.
_PLURALS_IN_ICS = """
    antibiotics classics clinics comics critics fabrics lyrics metrics mosaics pics plastics tactics
    topics
"""
_NO_PLURAL, _PLURAL_IN_ICS = frozenset(_NO_PLURALS.split()), frozenset(_PLURALS_IN_ICS.split())
_PLURALS_IN_US_OR_IS = frozenset({"apis", "emojis", "gurus", "menus", "skis", "taxis", "wikis"})
_SHORT_PLURALS = frozenset({"ads", "ids", "pcs", "tvs"})
_IRREGULAR = {"children": "child", "men": "man", "women": "woman"}


def singular_of(word: str, known: Mapping[str, str]) -> str | None:
    """The key in `known` of the word that `word` is a plain plural of, if it has that.

    Args:
        word: as it is mostly written: an `s` that is a capital makes no plural (AWS, iOS).
        known: a spelling of each word, by its key.
    """
    return next((form for form in _singulars(word) if _fits(word, known.get(form))), None)


def _singulars(word: str) -> list[str]:
    """The keys that the singular of `word` can have, the likeliest first."""
    key = key_of(word)
    if key in _IRREGULAR:
        return [_IRREGULAR[key]]
    if not word.endswith("s") or key.endswith("ss") or key in _NO_PLURAL:
        return []
    if key.endswith("ics") and key not in _PLURAL_IN_ICS:
        return []
    forms = [key[:-1]]
    if key.endswith("ies"):
        forms.insert(0, key[:-3] + "y")
    elif key.endswith(("ches", "shes", "sses", "xes", "zes", "oes", "uses", "nses")):
        forms.append(key[:-2])
    return forms


def _fits(plural: str, singular: str | None) -> bool:
    """Whether two words, as they are mostly written, can be plural and singular of each other."""
    if singular is None:
        return False
    if is_abbreviation(singular):
        # APIs and apis; but a gas is no GA, and his no HI.
        return len(singular) > 2 or not plural.islower() or plural in _SHORT_PLURALS
    if plural.endswith(("us", "is")):
        return plural.casefold() in _PLURALS_IN_US_OR_IS
    return len(singular) > 2 or plural.casefold() in _SHORT_PLURALS


def is_abbreviation(word: str) -> bool:
    """Whether `word` is written in capitals, as LLM and CEO are."""
    return len(word) > 1 and word.isupper()


class Lemmas:
    """The key that a word is counted by: its own, or that of its singular."""

    def __init__(self, spellings: Mapping[str, str]) -> None:
        """Have the words of `spellings` known: how each is mostly written, by its key."""
        self._spellings = spellings
        self._lemmas: dict[str, str] = {}

    def of(self, key: str, text: str) -> str:
        """The key that a word is counted by.

        A word that isn't known may still be the plural, or the singular, of one that is.
        """
        if key in self._spellings and key[-1] != "s" and key not in _IRREGULAR:
            return key
        if (lemma := self._lemmas.get(key)) is None:
            lemma = self._lemmas[key] = self._found(key, self._spellings.get(key, text))
        return lemma

    def _found(self, key: str, text: str) -> str:
        if (singular := singular_of(text, self._spellings)) is not None:
            return singular
        if key not in self._spellings:
            for plural in (f"{key}s", f"{key}es", f"{key[:-1]}ies"):
                spelling = self._spellings.get(plural)
                if spelling is not None and singular_of(spelling, {key: text}) == key:
                    return plural
        return key


def related_keys(spellings: Mapping[str, str]) -> set[str]:
    """The keys of all words that `Lemmas(spellings)` may count by a key in `spellings`.

    Others are among them: to see that a word has none of them is many times as quick as to look
    for its lemma.
    """
    related = {*spellings, *_IRREGULAR}
    for key, text in spellings.items():
        related.update((f"{key}s", f"{key}es", f"{key[:-1]}ies"), _singulars(text))
    return related


def shown_form(spellings: Mapping[str, int]) -> str:
    """The spelling that is shown for a word, of those it has in some number of titles.

    The commonest form, and of this the commonest spelling. An abbreviation is shown without the s
    of its plural unless that is more than twice as common: `LLM` names the thing.
    """
    forms: dict[str, Counter[str]] = {}
    for text, titles in spellings.items():
        forms.setdefault(key_of(text), Counter())[text] = titles
    # The singular first, of equally common ones.
    form = min(forms, key=lambda key: (-forms[key].total() * _weight(forms[key]), len(key), key))
    return commonest(forms[form])


def _weight(spellings: Counter[str]) -> int:
    return 2 if is_abbreviation(commonest(spellings)) else 1


def commonest(spellings: Mapping[str, int]) -> str:
    """The spelling of most titles: first in its letters and hyphens, then in its capitals."""
    if len(spellings) == 1:
        return next(iter(spellings))
    letters: Counter[str] = Counter()
    for text, titles in spellings.items():
        letters[text.casefold()] += titles
    most = min(letters, key=lambda folded: (-letters[folded], len(folded), folded))
    same = (text for text in spellings if text.casefold() == most)
    # Of equally common ones, a name's: GitHub, neither GITHUB nor github; but NASA.
    return min(same, key=lambda text: (-spellings[text], len(text) > 5 and text.isupper(), text))


def one_of_each(
    words: Sequence[tuple[str, str]],
    titles: Sequence[int],
    choose: Callable[[Mapping[str, int]], str],
) -> dict[str, str]:
    """One spelling of each word, by its key.

    Args:
        words: the key and a spelling; several may be equal.
        titles: in how many titles each of these is.
        choose: says which, of a word that has several spellings with their numbers of titles.
    """
    # Most words have one spelling, and a dict for each would be most of the cost.
    spellings: dict[str, str] = {}
    several: dict[str, dict[str, int]] = {}
    for key, text in words:
        if spellings.setdefault(key, text) != text:
            several[key] = {}
    for (key, text), number in zip(words, titles, strict=True):
        if (counted := several.get(key)) is not None:
            counted[text] = counted.get(text, 0) + number
    return spellings | {key: choose(counted) for key, counted in several.items()}

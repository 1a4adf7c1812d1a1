"""What words titles hold, told the plain and slow way: a title at a time, a word at a time.

What a token, a plural, noise and likelihood are is `hn_luigi.cloud`'s; here is what is made of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from math import log

import numpy as np

from hn_luigi.cloud.forms import Lemmas, commonest, shown_form
from hn_luigi.cloud.lexicon import divides
from hn_luigi.cloud.mpl import english_stop_words
from hn_luigi.cloud.noise import noise_of
from hn_luigi.cloud.phrases import FEWEST_TITLES, likelihood
from hn_luigi.cloud.reader import pattern_of
from hn_luigi.cloud.slots import Role, Slotter
from hn_luigi.cloud.tokens import token_of

_PLAIN = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u2032\u00b4\uff07`"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2212\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0\u2800")),
    **{code: chr(code - 0xFEE0) for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()},
}


_noise = cache(noise_of)


def read(title, ignore=None):
    """The texts of the tokens of a title, which is matched as a whole; none is a BREAK."""
    text = unicodedata.normalize("NFC", title).translate(_PLAIN)
    text = re.sub("(?<=[!-\u052f])[\u200c\u200d]+", "", text)
    text = "".join(c for c in text if c in "\u200c\u200d" or unicodedata.category(c) != "Cf")
    if ignore is not None:
        text = ignore.sub(" | ", text)
    return pattern_of(text).findall(text)


def find_words(titles, ignore=None):
    """Word to the places of the titles that hold it, in the order of `hn_luigi.cloud`'s."""
    words = _words(titles, [read(title, ignore) for title in titles])
    spellings = defaultdict(Counter)
    for title in words:
        for key, text in set(title):
            spellings[key][text] += 1
    found = defaultdict(list)
    for place, title in enumerate(words):
        for form in {shown_form(spellings[key]) for key, _ in title}:
            found[form].append(place)
    order = sorted(found, key=lambda form: (-len(found[form]), found[form], form.casefold(), form))
    return {form: found[form] for form in order}


def _words(titles, texts):
    """The key and the spelling of each word of each title."""
    titles_of = Counter(text for title in texts for text in set(title) if text)
    free = _mostly_written({text: n for text, n in titles_of.items() if not token_of(text).parts})
    standing_free = free.keys() - english_stop_words()
    lemmas = Lemmas(free)
    last = {re.sub("[0-9.]", "", title).casefold(): n for n, title in enumerate(titles)}
    teaching = {*last.values(), *(n for n, title in enumerate(titles) if title.count(" ") < 5)}
    slots = {}
    for place in [*sorted(teaching), *range(len(titles))]:
        for text in texts[place]:
            if text not in slots:
                slots[text] = _slots(text, lemmas)
    phrases = _phrases([[s for t in texts[place] for s in slots[t]] for place in sorted(teaching)])
    compounds = {
        text: n
        for text, n in titles_of.items()
        if token_of(text).parts and not divides(token_of(text), standing_free)
    }
    joined = {"".join(keys): "".join(keys) for keys in phrases[1]}
    lemmas = Lemmas(joined | _mostly_written(compounds) | free)
    return [_words_of(title, slots, phrases, lemmas, standing_free) for title in texts]


def _mostly_written(tokens):
    spellings = defaultdict(Counter)
    for text, number in tokens.items():
        spellings[token_of(text).key][token_of(text).base] += number
    return {key: commonest(counted) for key, counted in spellings.items()}


def _slots(text, lemmas):
    slotter = Slotter(_noise(), lemmas, [token_of(text)])
    slotter.rows(np.array([0]))
    return slotter.slots


def _phrases(titles):
    """How sure pairs of keys are, and which pairs and triples are names."""
    keys = [[slot.key if slot else "" for slot in title] for title in titles]
    times = Counter(key for title in keys for key in title)
    together = Counter(pair for title in keys for pair in pairwise(title))
    total = max(times.total(), 5000)
    least = 15 + 2 * log(total / 5000)
    pairs, links = {}, set()
    for (left, right), both in together.items():
        sure = likelihood(both, times[left], times[right], total)
        if left and right and both >= FEWEST_TITLES and sure >= least:
            uses = [use for title in titles for use in _first_use(title, left, right)]
            if _hold(uses, sure - least, times[left]):
                pairs[left, right] = sure
                roles = zip((left, right), (uses[0][0].role, uses[0][1].role), strict=True)
                links |= {key for key, role in roles if role is Role.LINK}
    triples = Counter(
        triple
        for title in keys
        for triple in set(zip(title, title[1:], title[2:], strict=False))
        if triple[:2] in pairs and triple[1:] in pairs
    )
    names = {*pairs, *(triple for triple, n in triples.items() if n >= FEWEST_TITLES)}
    return pairs, {name for name in names if not links & {name[0], name[-1]}}


def _first_use(title, left, right):
    uses = (pair for pair in pairwise(title) if all(pair))
    return [pair for pair in uses if (pair[0].key, pair[1].key) == (left, right)][:1]


def _hold(uses, surplus, first):
    named = sum(not any(slot.part.text[0].islower() for slot in pair) for pair in uses)
    glued = 3 * sum(right.glued and right.compound == 2 for _, right in uses) >= len(uses)
    roles = {slot.role for slot in uses[0]}
    if len(uses) < FEWEST_TITLES:
        return False
    if Role.WORD not in roles:
        return roles == {Role.FILLER} and glued
    if Role.FILLER in roles:
        return surplus >= 10 or glued or 4 * named >= 3 * len(uses)
    return uses[0][0].role is not Role.NUMBER or 2 * len(uses) >= first


def _words_of(title, slots, phrases, lemmas, standing_free):
    line = [slot for text in title for slot in slots[text]]
    ends = dict(_spans([slot.key if slot else "" for slot in line], *phrases))
    taken = {place for begin, end in ends.items() for place in range(begin, end)}
    words, place = [], 0
    for text in title:
        here = range(place, place + len(slots[text]))
        place = here.stop
        if taken.isdisjoint(here):
            words += _alone(text, slots[text], lemmas, standing_free)
        for each in here:
            if each in ends:
                words.append(_joined(line[each : ends[each]]))
            elif each not in taken and not taken.isdisjoint(here):
                words += _word(line[each], lemmas)
    return words


def _spans(keys, pairs, names):
    """Where phrases begin and end: the surest that don't overlap, or of those the most words."""
    # Of what is from each place on: how sure it is, how many words, which phrases.
    best = [(0.0, 0, [])] * (len(keys) + 4)
    for start in reversed(range(len(keys) - 1)):
        options = [best[start + 1]]
        for length in (2, 3):
            words = tuple(keys[start : start + length])
            if words in names:
                sure, held, rest = best[start + length]
                sure += sum(pairs[pair] for pair in pairwise(words))
                options.append((sure, held + length, [(start, start + len(words)), *rest]))
        best[start] = max(options, key=lambda option: option[:2])
    return best[0][2]


def _alone(text, slots, lemmas, standing_free):
    token = token_of(text)
    if token is None or not token.parts:
        return _word(slots[0], lemmas)
    roles = {slot.role for slot in slots if slot}
    if _noise().hides(token.folded) or (Role.NUMBER in roles and Role.WORD not in roles):
        return []
    if divides(token, standing_free):
        return [word for slot in slots for word in _word(slot, lemmas)]
    return [(lemmas.of(token.key, token.base), token.base)] if token.is_word else []


def _word(slot, lemmas):
    if slot is None or slot.role is not Role.WORD:
        return []
    return [(lemmas.of(slot.part.key, slot.part.base), slot.part.base)]


def _joined(slots):
    text = "".join(("-" if slot.glued else " ") + slot.part.text for slot in slots)[1:]
    last = slots[-1].part
    return "".join(slot.key for slot in slots), text[: len(text) - len(last.text) + len(last.base)]

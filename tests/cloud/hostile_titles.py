"""Titles that are hard to take apart: made of what has its own rules, in any order."""

from __future__ import annotations

from hypothesis import strategies as st

_TEXT = """
    the of Apple apples APPLE iOS IOS ios gas GAs AI AIs ai APIs apis open source Open-Source
    OpenSource New York Times C++ C++20 C# C#9x c++ Covid COVID-19 Covid19 covıd 19 20 2x 50 % 50%
    $ $5M € 5 & AT&T Q&A J. F. Dr. St. U.S. US us WHO .NET Node.js GPT-4 GPT4 don't it's Apple's
    state-of-the-art end-to-end encryption 30-year-old foo-IOS foo-ios bar-gas bar-Gas x-rays X-Ray
    men man children news new boxes box wolf wolves class classes cities city e.g. 1,000 1,1,1, #1
    10k 3m 1980s &amp; &#x27; <b> [pdf] (2019) Show HN: | - ... 'tis C+ a+ a++ a## x_y _ ½ Ⅷ ٣ 𝟘
    é e\u0301 ﬁ ß ẞ İ ı ſ Σς 漢字 ไทย हिन्दी क्\u200dष می\u200cخواهم שָׁלוֹם Ｐｙｔｈｏｎ １２
    👩\u200d💻 ❤\ufe0f 1\ufe0f\u20e3
"""
_PIECES = _TEXT.split()
_MARKS = (
    "\u0301\u0308\u05b8\u064b\u093e\u094d\u0e31\u20d0\ufe0f\u200c\u200d\u200b\u2060\ufeff\u00ad"
)
_SIGNS = ".,-'&%$#+_:;()[]€\u2019\u02bc`\u1fef\u2010\uff0d\u2013\u3164\u2800\u202e\u2066\ud800"
_SPACES = ["  ", "\t", "\n", "\u00a0", "\u0085", "\u2003", "\u3000", "\u1680", "\u2028", "\x1c"]

_WORD = st.one_of(
    st.sampled_from(_PIECES),
    st.sampled_from(_PIECES),
    st.tuples(
        st.sampled_from(_PIECES), st.sampled_from([*_MARKS, *_SIGNS]), st.sampled_from(_PIECES)
    ).map("".join),
    st.text(st.sampled_from("AaBbSs19" + _MARKS + _SIGNS), min_size=1, max_size=8),
    st.text(max_size=6),  # of all planes
    st.sampled_from(
        ["a" * 10_000, "é\u200c" * 5_000, "w-" * 200, "x." * 200, "A." * 200, "1," * 200]
    ),
)
_SPACE = st.one_of(st.just(" "), st.just(" "), st.just(" "), st.sampled_from(_SPACES))
TITLE = st.lists(st.tuples(_WORD, _SPACE).map("".join), max_size=10).map("".join)
_FEW_PIECES = st.lists(st.sampled_from(_PIECES), min_size=2, max_size=8, unique=True)
TITLES = st.one_of(
    st.lists(TITLE, max_size=12),
    # Of few words, so that these are neighbours often enough to be phrases of all kinds.
    _FEW_PIECES.flatmap(
        lambda few: st.lists(
            st.lists(st.sampled_from(few), min_size=1, max_size=7).map(" ".join), max_size=30
        )
    ),
)

"""Noise: words that headlines are full of and that tell nobody what they are about.

There are two kinds. A stop is never part of what a headline is about: `says`, `nearly`, `you'll`.
A filler says nothing alone, but names are made of it: `big` (Big Tech), `thing` (Stranger Things),
`build` (Build System). wordcloud's English stop words are stops, too.

The lists were learnt from 6,000 real headlines of 2015 and 2016 and of 2024 to 2026, in whose
clouds of 500 these words lead, and then completed by kind: a verb has all its forms, a unit of
time its plural, a number its neighbours. `scripts/noise.py` lists what later headlines add. A verb
that tells an event of its own (sues, bans, dies, launches) isn't noise, nor are nouns and
adjectives by which somebody would search (free, code, fast).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

# Verbs of reporting.
_REPORTING = """
    acknowledge acknowledged acknowledges acknowledging admit admits admitted admitting agree
    agreed agrees agreing announce announced announces announcing argue argued argues arguing
    claim claimed claiming claims complain complained complaining complains confirm confirmed
    confirming confirms declare declared declares declaring demanded demands denied denies deny
    denying describe described describes describing discuss discussed discusses discussing
    estimate estimated estimates estimating explain explained explaining explains expose exposed
    exposes exposing insist insisted insisting insists introduce introduced introduces
    introducing mention mentioned mentioning mentions predict predicted predicting predicts
    promise promised promises propose proposed proposes proposing recommend recommended
    recommending recommends report reported reporting reports reveal revealed revealing reveals
    said say saying says suggest suggested suggesting suggests told unveil unveiled unveiling
    unveils urge urged urges urging vow vowed vowing vows warn warned warning warns
"""
# Of other verbs, the forms that need a subject or an object.
_VERBS = """
    accepted accepts added adds aimed aims alleged allowed allows appeared appears applied
    applies asked asks avoided avoids based beaten beats became becomes began begins begun
    believed believes breaks brings broke brought builds built called calls came carried carries
    catches caught caused causes changed changes checked checks chooses chose chosen closed
    closes comes considers contained contains continued continues created creates decided
    decides designed developed develops discovered discovers done driven dropped drops enabled
    enables ended ends ensured ensures entered enters existed exists expanded expands expected
    expects explored explores faced faces fallen falls feels fell felt finds finished finishes
    fixed fixes focused focuses followed follows forgets forgot forgotten found gained gains
    gave gets given gives goes gone got gotten grew grown grows handled handles happened happens
    hated hates heard hears held helped helps hits holds hoped hopes identified identifies
    imagined imagines implied implies improved improves included includes increased increases
    inspired intended intends involved involves joined joins keeps kept knew known knows learned
    learns learnt leaves lets lived lives looked looks loses loved loves made makes managed
    manages means meant meets met missed misses moved moves named needed needs noticed notices
    occurred occurs offered offers passed passes performed performs picked picks planned plans
    powered preferred prefers prepared prepares presented presents prevented prevents produced
    produces proved proves provided provides published publishes pulled pulls pushed pushes puts
    raised raises ran reached reaches reads realized realizes received receives related relied
    relies remained remains remembered remembers removed removes replaced replaces required
    requires responded responds returned returns risen rises rose runs sat saved saves saw seeks
    seemed seems seen sees sends sent served serves sets shared shares showed shown shows shuts
    sits solved solves sought speaks spends spent spoke spoken stands started starts stayed
    stays stood stopped stops struggled taken takes talked talks tended tends thought took
    treated treats tried tries turned turns understands understood updated used uses waited
    waits wanted wants watched watches went wished wishes wondered wonders worked works writes
    written wrote
"""
_ADVERBS = """
    absolutely accidentally accurately actually ago allegedly almost already altogether anymore
    anyway apparently approximately automatically barely basically certainly clearly completely
    constantly correctly currently definitely directly easily effectively entirely especially
    essentially even eventually ever exactly extremely fairly finally frankly frequently fully
    generally globally gradually hardly highly hopefully immediately increasingly indeed
    initially instantly instead lately likely literally mainly massively maybe meanwhile merely
    mostly namely naturally nearly necessarily never newly nonetheless normally notably
    obviously occasionally officially often originally overall particularly partly perfectly
    perhaps possibly potentially practically precisely presumably previously primarily probably
    properly publicly quickly quietly quite rapidly rarely rather readily really recently
    regularly relatively repeatedly reportedly roughly seemingly seriously shortly significantly
    simply simultaneously slightly slowly somehow sometimes somewhat soon specifically still
    strongly successfully suddenly supposedly surely surprisingly thus totally truly twice
    typically ultimately unfortunately usually virtually well whenever wherever widely yet
"""
_PARTICLES = """
    a.k.a according across ah ain't aka alas albeit alike along alongside although amid amidst
    among amongst anybody anyone aside atop behind beneath beside besides btw bye cant couldnt
    couldve cuz despite didnt doesnt dont due e.g e.g. eg else etc everybody everyone except
    gimme gonna gotta hadnt hasnt havent heres herself hey hi i.e i.e. im imho imo isnt itll ive
    kinda lemme lol may might must nobody oh ok okay omg onto ought per please re regarding
    shouldnt shouldve somebody someone thank thanks thats themself theres theyre though
    throughout thru till tl;dr tldr together toward towards ugh unless unlike upon us versus via
    vs w/o wanna wasnt werent whatever whats whereas wheres whether whichever whilst whoever
    whomever whos whose will within without wont would wouldnt wow y'all yeah yep yes youll
    youre youve
"""
_STOPS = frozenset((_REPORTING + _VERBS + _ADVERBS + _PARTICLES).split())

# Of the verbs above and of more, the forms that name something, too: Google Meet, Climate Change.
_NAMING = """
    accept accepting add adding aim aiming allow allowing appear appearing apply applying asking
    avoid avoiding beat beating become becoming begin beginning believe believing break breaking
    bring bringing broken build building call calling carry carrying catch catching cause
    causing change changing check checking choose choosing close closing come coming consider
    considered considering contain containing continue continuing create creating decide
    deciding develop developing discover discovering drop dropping enable enabling end ending
    ensure ensuring enter entering exist existing expand expanding expect expecting explore
    exploring face facing fall falling feel feeling find finding finish finishing fix fixing
    focus focusing follow following forget forgetting gain gaining getting give giving going
    grow growing handle handling happen happening hate hating hear hearing help helping hit
    hitting hold holding hope hoping identify identifying imagine imagining improve improving
    include including increase increasing intend intending involve involving join joining keep
    keeping know knowing learn leave leaving let letting live living look looking lose losing
    lost love loving make making manage managing mean meaning meet meeting miss missing move
    moving need needing notice noticing occur occurring offer offering pass passing perform
    performing pick picking plan prefer preferring prepare preparing present presenting prevent
    preventing produce producing prove provide providing proving publish pull pulling push
    pushing put putting raise raising reach reaching read realize realizing receive receiving
    release released releases releasing rely relying remain remaining remember remembering
    remove removing replace replacing require requiring respond responding return returning rise
    rising run running save saving see seeing seek seeking seem send sending serve serving set
    setting share sharing showing shut shutting sit sitting solve solving speak speaking spend
    stand standing start starting stay staying stop stopping struggling take taking talk talking
    tell telling tells tend think thinking thinks thoughts treat try trying turn turning
    understand understanding update updates updating use using wait waiting want wanting
    watching wish wonder wondering work working write
"""
_QUANTITIES = """
    amount amounts another anything average billion billions bunch couple double dozen dozens
    eight eighteen eighth eighty eleven enough entire every everything extra fifteen fifth fifty
    first firstly five forty four fourteen fourth half hundred hundreds least less lot lots many
    million millions much multiple nine nineteen ninety ninth none nothing number numbers
    numerous one ones others percent plenty plus second secondly seven seventeen seventh seventy
    several single six sixteen sixth sixty something ten tenth third thirteen thirty thousand
    thousands three total trillion trillions triple twelve twenty two various whole zero
"""
_TIMES = """
    afternoon again ahead always annual annually anytime apr april aug august centuries century
    daily day days decade decades december earlier earliest early evening everyday feb february
    forever friday fridays hour hourly hours jan january july june late later latest longer
    march minute minutes moment moments monday mondays month monthly months morning night nights
    nov november now nowadays oct october past recent saturday saturdays second seconds sep sept
    september sunday sundays thursday thursdays time times today tomorrow tonight tuesday
    tuesdays wednesday wednesdays week weekend weekends weekly weeks year yearly years yesterday
"""
_QUALITIES = """
    able actual additional alone amazing available awesome bad best better big bigger biggest
    certain clear closer common complete cool correct crazy current different difficult easier
    easiest easy enormous essential exact excellent exciting existing faster fastest favorite
    favourite few fewer final fine former front full fun funny general good great greater
    greatest handy happy hard harder hardest high higher highest huge important impossible
    incredible interesting large larger largest last leading left little long long-term longest
    low lower lowest main major massive mere minor modern near nearby new newer newest next
    next-gen nice normal obvious old older oldest ordinary original particular perfect popular
    possible potential powerful pretty previous proper quick ready real regular responsible
    right same serious short short-term shorter shortest significant similar simple simpler
    simplest small smaller smallest so-called special specific strange stupid successful such
    sure surprising terrible tiny top true typical ultimate unexpected unique unusual upcoming
    useful useless usual vast weird wide wonderful worse worst worth wrong year-old years-old
"""
_VAGUE = """
    above action actions afar al anti anywhere apart approach approaches area areas around
    aspect aspects attempt attempts away back beginning below beyond bit bits case cases chance
    consequence consequences de dear der des detail details di difference differences du effort
    efforts el elsewhere en equivalent et everywhere ex example examples experience experiences
    fact factor factors facts far folk folks forth forward giant giants guy guys hello here idea
    ideas impact impacts inc inside intro introduction issue issues kind kinds le les lesson
    lessons level levels llc los ltd man matters member members men mid mr mrs multi name names
    non nowhere oops open opened opening opens outside overview part parts people person piece
    pieces place places point points pre problem problems purpose question questions reason
    reasons result results role roles self semi sense side sides situation somewhere step steps
    struggle struggles stuff success technique techniques term terms thing things tip tips trick
    tricks und user users von way ways welcome world worlds
"""
_FILLERS = frozenset((_NAMING + _QUANTITIES + _TIMES + _QUALITIES + _VAGUE).split())

# Programming languages, which wordcloud takes for letters.
_ONE_LETTER_NAMES = frozenset({"c", "r"})
_CONTRACTION = re.compile("'(?:d|ll|m|re|ve)$|n't$")
_QUANTITY = re.compile(
    r"""
    [\d.,]+ (?: [kmb] | mm | bn | x | st | nd | rd | th | s | am | pm    # 10k, $5bn, 2nd, 1980s
        | [kmgt]b | h | hrs? | min | mins | ms | km | kg | lbs?
        | -(?: year | month | week | day | hour | minute )s? (?: -olds? )?
    ) \+?
    """,
    re.VERBOSE,
)
_NAMES_LIKE_QUANTITIES = frozenset({"3m", "4k", "8k"})


@dataclass(frozen=True)
class Noise:
    """What counts for nothing; a word is asked about casefolded, with a plain apostrophe."""

    stops: frozenset[str]
    kept: frozenset[str]

    def stops_at(self, word: str) -> bool:
        """Whether ``word`` is never part of what a headline is about."""
        is_stop = word in self.stops or ("'" in word and _CONTRACTION.search(word) is not None)
        return is_stop and word not in self.kept

    def fills(self, word: str) -> bool:
        """Whether ``word`` says nothing where it stands alone, or beside others that fill."""
        return (word in _FILLERS or _is_quantity(word)) and word not in self.kept

    def hides(self, word: str) -> bool:
        """Whether ``word`` alone isn't shown."""
        return self.stops_at(word) or self.fills(word)


def _is_quantity(word: str) -> bool:
    # Few words begin so, and to look is five times as quick as to have the pattern find that out.
    if not (word[:1].isdecimal() or word.startswith((".", ","))):
        return False
    return bool(_QUANTITY.fullmatch(word)) and word not in _NAMES_LIKE_QUANTITIES


def noise_of(stop_words: Collection[str] = (), keep: Collection[str] = ()) -> Noise:
    """The noise of headlines in English.

    Args:
        stop_words: more words to stop at, in any case.
        keep: words that are no noise even so, in any case.
    """
    return Noise(_stops() | _folded(stop_words), _folded(keep))


@cache
def _stops() -> frozenset[str]:
    from hn_luigi.cloud.mpl import english_stop_words

    # Fillers come first, or Let's Encrypt would end at wordcloud's "let's".
    return _folded({*english_stop_words(), *_STOPS}) - _FILLERS - _ONE_LETTER_NAMES


def _folded(words: Collection[str]) -> frozenset[str]:
    """``words`` as they are compared, each also in the form that loses its `'s`."""
    folded = {
        unicodedata.normalize("NFC", word).casefold().replace("\u2019", "'") for word in words
    }
    return frozenset(folded | {word.removesuffix("'s") for word in folded})

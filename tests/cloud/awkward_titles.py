"""Titles that are easily misread, and the words that have to come out of them.

A row is some titles, which are counted together, and below them each word with its number of
titles. Most names are in three titles, since two don't make a phrase.
"""

from __future__ import annotations

import re

PHRASES = """
# hyphen and space alike, shown as most spell it
Open source maps | open source pumps | open-source wolves
    Open source 3, maps 1, pumps 1, wolves 1
open-source maps | Open-source pumps | open-source wolves
    open-source 3, maps 1, pumps 1, wolves 1
Machine Learning | machine learning | Machine-Learning | Machine Learning
    Machine Learning 4
GPT-4 jokes | GPT 4 poems | GPT-4 songs | GPT4
    GPT-4 4, jokes 1, poems 1, songs 1
OpenSource | open source | Open Source | Open Source
    Open Source 4
Self-driving taxi | a self-driving truck | Self driving boats
    Self-driving 3, taxi 1, truck 1, boats 1

# what a compound ends in goes with no neighbour
End-to-end encryption | wolf: end-to-end encryption | no end-to-end encryption, fox
    encryption 3, end-to-end 3, fox 1, wolf 1

# three words, where both pairs hold
New York Times wolf | The New York Times | New York Times | New York subway | New York | New York
    New York 3, New York Times 3, subway 1, wolf 1
Large Language Model | Large Language Models | large language models
    Large Language Models 3

# four: the two that are names
Raspberry Pi Compute Module | a Raspberry Pi Compute Module | Raspberry Pi Compute Module
    Compute Module 3, Raspberry Pi 3

# five, equally sure: where a title ends with them, the two are last
Alfa Bravo Charlie Delta Echo | Alfa Bravo Charlie Delta Echo | Alfa Bravo Charlie Delta Echo
    Alfa Bravo Charlie 3, Delta Echo 3
Alfa Bravo Coca Delta Echo fox | Alfa Bravo Coca Delta Echo elk | Alfa Bravo Coca Delta Echo ox
    Alfa Bravo 3, Coca Delta Echo 3, elk 1, fox 1, ox 1

# counts are taken from the parts
Silicon Valley wolf | Silicon Valley fox | Silicon Valley | silicon chips | Death Valley
    Silicon Valley 3, chips 1, Death 1, fox 1, silicon 1, Valley 1, wolf 1
York minster | New York | New York | New York
    New York 3, minster 1, York 1

# numbers, letters and & only in a name
Windows 10 wolf | Windows 10 fox | Windows 10 | Windows
    Windows 10 3, fox 1, Windows 1, wolf 1
Falcon 9 lands | Falcon 9 explodes | SpaceX Falcon 9
    Falcon 9 3, explodes 1, lands 1, SpaceX 1
Boeing 737 Max | 737 Max crash | 737 MAX grounded
    737 Max 3, Boeing 1, crash 1, grounded 1
Claude 3.5 Sonnet | Claude 3.5 Sonnet wolf | Claude 3.5 Sonnet fox
    Claude 3.5 Sonnet 3, fox 1, wolf 1
Python 3.12 wolf | Python 3.12 fox | Python 3.13
    Python 3, fox 1, wolf 1
Y Combinator wolf | Y Combinator fox | Y Combinator
    Y Combinator 3, fox 1, wolf 1
Vitamin D wolf | vitamin D fox | Vitamin D
    Vitamin D 3, fox 1, wolf 1
Dungeons & Dragons | Dungeons & Dragons wolf | Dungeons & Dragons fox
    Dungeons & Dragons 3, fox 1, wolf 1
Robert J. Wolf | Robert J. Wolf jailed | Robert J. Wolf freed
    Robert J. Wolf 3, freed 1, jailed 1
100 wolves | 100 wolves die | 100 wolves, alive | 100 foxes | 100 bears | 100 owls | 100 elks
    wolves 3, alive 1, bears 1, die 1, elks 1, foxes 1, owls 1
Ann J. Wolf | Ann J. Fox | Ann J. Bear
    Ann 3, Bear 1, Fox 1, Wolf 1
$100 wolf | $100 wolf | $100 wolf
    wolf 3
50% fox | 50% fox | 50 % fox
    fox 3

# possessives
Moore's Law | Moore’s Law is dead | Moore's law
    Moore's Law 3, dead 1
Sam Altman's wolf | Sam Altman | Sam Altman
    Sam Altman 3, wolf 1
Let's Encrypt | Let’s Encrypt wolf | Let's Encrypt
    Let's Encrypt 3, wolf 1

# not across punctuation, stop words or what is ignored
Wolf, fox | Wolf: fox | Wolf (fox) | Wolf/fox | Wolf – fox
    fox 5, Wolf 5
House of Cards | House of Cards | House of Cards
    Cards 3, House 3
state of the art wolf | state of the art fox | State of the Art
    art 3, state 3, fox 1, wolf 1

# words that say nothing alone
Big Tech | Big Tech wolf | Big Tech fox | a big wolf
    Big Tech 3, wolf 2, fox 1
real-time wolf | a real-time fox | real time
    real-time 3, fox 1, wolf 1
the first time | the first time | First time
    nothing
part 1 | Part 1 | Part 1
    nothing

# of one story, there again and again, all words are neighbours
Wine 9.8 with wolf on Solaris 7 | Wine 9.9 with wolf on Solaris 7 | Wine 9.10 with wolf on Solaris 7
    Solaris 3, Wine 3, wolf 3

# two titles aren't enough
Silicon Valley | Silicon Valley
    Silicon 2, Valley 2
"""

FORMS = """
# plurals, short ones and of abbreviations; the commonest form is shown
app | apps | apps
    apps 3
app | app | apps
    app 3
app | apps
    app 2
an LLM | LLMs | LLMs again
    LLM 3
LLM | LLMs | LLMs | LLMs
    LLMs 4
CEO | CEOs
    CEO 2
API | APIs | apis
    API 3
GPU | gpus
    GPU 2
AI | AIs
    AI 2
VM | VMs
    VM 2
ad | ads | ads
    ads 3
bug | bugs
    bug 2
startup | startups | Start-ups
    startups 3
company | companies
    company 2
movie | movies
    movie 2
box | boxes
    box 2
process | processes
    process 2
virus | viruses
    virus 2
glass | glasses
    glass 2
wiki | wikis | menu | menus
    menu 2, wiki 2
women | woman | child | children
    child 2, woman 2
topic | topics | metric | metrics
    metric 2, topic 2
Programming Language | Programming Languages | programming languages
    Programming Languages 3
data center | Data Centers | datacenters | data center | datacenter
    data center 5
sues | sue
    sue 2

# what only looks like a plural
politics | politics again | a politic act
    politics 2, act 1, politic 1
economics | economic
    economic 1, economics 1
physics | physic
    physic 1, physics 1
species | specie
    specie 1, species 1
series | serie
    serie 1, series 1
Bill Gates | gate
    Bill 1, gate 1, Gates 1
Rails | rail
    rail 1, Rails 1
Windows | window
    window 1, Windows 1
news | newt
    news 1, newt 1
lens | len
    len 1, lens 1
bus | bu
    bu 1, bus 1
gas | GA
    GA 1, gas 1
Paris | pari
    pari 1, Paris 1
Texas | texa
    texa 1, Texas 1
Canvas | Canva
    Canva 1, Canvas 1
ios | io
    io 1, ios 1
iOS | iO
    iO 1, iOS 1
AWS | AW | DNS | DN
    AW 1, AWS 1, DN 1, DNS 1
CSS | CS
    CS 1, CSS 1
Williams | William
    William 1, Williams 1

# one word in several spellings
US wolf | the U.S. fox | U.S.-China
    U.S. 3, China 1, fox 1, wolf 1
WHO | who | IT | it
    IT 1, WHO 1
UK | U.K. | UK
    UK 3
Covid-19 | COVID 19 | Covid | Covid19
    Covid 4
C++20 wolf | C++17 | C++ 23 | C++
    C++ 4, wolf 1
Node.js | NodeJS | Node.js | node
    Node.js 3, node 1
e-mail | email | email
    email 3
Wi-Fi | WiFi | Wi-Fi
    Wi-Fi 3
GITHUB | GitHub
    GitHub 2
e-mail | email
    email 2
NASA | nasa
    NASA 2
don’t fox | rust’s wolf | rust's | rustʼs | rust‘s | rust＇s | rust`s
    rust 6, fox 1, wolf 1
O'Reilly | O’Reilly
    O'Reilly 2
Hawaiʻi | Hawai'i
    Hawai'i 2
x86‑64 | x86-64
    x86-64 2
compre\u00adhensive | compre\u200bhensive | com\u2060prehensive | com\u200cprehen\u200dsive
    comprehensive 4
می\u200cخواهم | می\u200cخواهم
    می\u200cخواهم 2
क्\u200dष
    क्\u200dष 1
Ｐｙｔｈｏｎ | Python
    Python 2
café | cafe\u0301
    café 2
\u3164 | \u200b | \u2800
    nothing
"""

TOKENS = """
# compounds count as their parts where these are words elsewhere
AI-powered wolf | AI fox | powered by
    AI 2, fox 1, wolf 1
US-China wolf | China | US
    China 2, US 2, wolf 1
co-founder | wolf
    co-founder 1, wolf 1
T-Mobile | mobile
    mobile 1, T-Mobile 1
data-base fox | database | data | base
    database 2, base 1, data 1, fox 1
state-of-the-art | state | art
    art 1, state 1, state-of-the-art 1
GPT-4o | GPT
    GPT 1, GPT-4o 1
30-year-old wolf | 10-minute fox
    fox 1, wolf 1
C, R, c, r, x, Y
    C 1, R 1
Dr. Wolf | St. Fox
    Fox 1, Wolf 1
Q&A | AT&T | R&D
    AT&T 1, Q&A 1, R&D 1
.NET | ASP.NET | C# | F# | 3D | Disney+
    .NET 1, 3D 1, ASP.NET 1, C# 1, Disney+ 1, F# 1
wolf...fox | wolf/fox | wolf—fox
    fox 3, wolf 3
John F. Doe | John F.\u00a0Doe | John F.\tDoe wolf
    John F. Doe 3, wolf 1
Dungeons\u2003&\u2003Dragons | Dungeons\t& Dragons | Dungeons &\u00a0Dragons
    Dungeons & Dragons 3
$ 5m wolf | 5 % wolf | C++ 20 wolf | Covid 19 wolf
    wolf 4, C++ 1, Covid 1
1,000 wolves | $5M | 3.5% | #1 | 10:30 | 2024
    wolves 1
😀 wolf ❤️
    wolf 1
漢字 東京
    東京 1, 漢字 1
"""


def rows(table: str) -> list[tuple[list[str], dict[str, int]]]:
    """The rows of a table: titles, and the words in them."""
    lines = [line for line in table.splitlines() if line and not line.startswith("# ")]
    return [
        (titles.split(" | "), {word: int(number) for word, number in _WORD.findall(words)})
        for titles, words in zip(lines[::2], lines[1::2], strict=True)
    ]


_WORD = re.compile(r"(\S.*?) ([0-9]+)(?:, |$)")

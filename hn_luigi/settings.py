"""What a user sets in ``luigi.cfg``, or by a flag Luigi makes of it (``--cloud-width 1200``).

Defaults live here, so that no file is needed.
"""

from __future__ import annotations

import json

import luigi

from hn_luigi.assets import Address, Choice, JsonObject, Number, Text
from hn_luigi.cloud import WEIGHTS
from hn_luigi.hackernews import BASE_URL, Limits
from hn_luigi.history.engines import ENGINES, Engine, engine_called

_LIMITS = Limits()


class hackernews(luigi.Config):
    """The ``[hackernews]`` section: what to read, and how hard to try."""

    base_url = Address(BASE_URL, description="Address of the API.")
    # No list holds more than 500 (HackerNews/API README).
    limit = Number(
        500,
        minimum=1,
        maximum=500,
        description="How many stories to take from the top of the feed.",
    )
    # Without 25 of 500 real headlines, 18 of the 20 leading words stay what they were, without 100
    # only 14 (means of 40 draws from 4,000 headlines of 2024 to 2026).
    min_share = Number(
        0.95,
        minimum=0,
        maximum=1,
        description="Share of the stories that a fetch must get, or it fails.",
    )
    # Beyond 200 nothing is gained: 500 items at 50 ms took 0.30 s by 200 threads, 0.32 by 500.
    concurrency = Number(
        _LIMITS.concurrency,
        minimum=1,
        maximum=200,
        description="How many requests to send at the same time.",
    )
    connect_timeout = Number(
        _LIMITS.connect_timeout,
        minimum=0.1,
        maximum=600,
        description="Seconds to wait for a connection.",
    )
    read_timeout = Number(
        _LIMITS.read_timeout,
        minimum=0.1,
        maximum=600,
        description="Seconds to wait for data while a server answers.",
    )
    attempts = Number(
        _LIMITS.attempts,
        minimum=1,
        maximum=20,
        description="How many requests to send for one item, including the first.",
    )
    backoff = Number(
        _LIMITS.backoff,
        minimum=0,
        maximum=60,
        description="Mean seconds before the second request, doubled for each one after it.",
    )
    deadline = Number(
        _LIMITS.deadline,
        minimum=1,
        maximum=3600,
        description="Seconds that the whole fetch may take.",
    )

    def limits(self) -> Limits:
        """The settings that bound a fetch."""
        return Limits(
            concurrency=self.concurrency,
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            attempts=self.attempts,
            backoff=self.backoff,
            deadline=self.deadline,
        )


class cloud(luigi.Config):
    """The ``[cloud]`` section: how the page looks; a change remakes only the page."""

    width = Number(
        1200,
        minimum=100,
        maximum=8000,
        description="Width of the picture in pixels.",
    )
    height = Number(
        600,
        minimum=100,
        maximum=8000,
        description="Height of the picture in pixels.",
    )
    max_words = Number(
        150,
        minimum=1,
        maximum=1000,
        description="Maximum number of words in the picture.",
    )
    background = Text(
        "white",
        required=True,
        description="Background colour, by name or #rrggbb.",
    )
    colormap = Text(
        "viridis",
        required=True,
        description="Matplotlib colormap for the colours of the words.",
    )
    colours = Choice(
        "chance",
        choices=("chance", "change"),
        description="What the colours of words tell: chance, which is nothing, or change, how they "
        "rose or fell against the days before.",
    )
    stopwords = Text("", description="More words and phrases to leave out, separated by commas.")
    keep = Text("", description="Words to show though they are noise, separated by commas.")
    weight = Choice(
        "headlines",
        choices=tuple(WEIGHTS),
        description="What a headline counts: 1 (headlines), its points, or by its rank.",
    )
    label = Text("", description="A label before the page's heading, such as SAMPLE.")


class history(luigi.Config):
    """The ``[history]`` section: where all of Hacker News is, and what its page shows of it."""

    source = Text(
        "",
        description="Where the months of all of Hacker News are, in open-index's layout: the "
        "folder or URL that holds data/2026/2026-11.parquet.",
    )
    words = Text(
        "AI, startup, Google, Apple, JavaScript, Python, Rust, Bitcoin, iPhone, open source, "
        "privacy, remote",
        description="Words and phrases whose shares WordHistoryPage draws, separated by commas.",
    )
    # These shape no data: all engines give the same bytes.
    engine = Choice(
        "local",
        choices=ENGINES,
        description="What counts the words: local, a pool of processes on this machine, or spark.",
    )
    spark_master = Text(
        "local[*]",
        required=True,
        description="Master of a cluster, such as spark://host:7077 or yarn; local[2] for two "
        "processes of this machine.",
    )
    spark_conf = JsonObject(
        "{}",
        description='More of Spark\'s settings, as JSON: {"spark.executor.memory": "2g"}.',
    )

    def engine_chosen(self) -> Engine:
        """What counts the words."""
        conf = json.loads(self.spark_conf)
        # As JSON has them: Spark knows true, and not True.
        texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in conf.items()}
        return engine_called(self.engine, spark_master=self.spark_master, spark_conf=texts)

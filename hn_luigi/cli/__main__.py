"""``python -m hn_luigi.cli``."""

from hn_luigi.cli import main

main()

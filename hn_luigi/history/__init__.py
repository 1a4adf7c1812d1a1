"""All of Hacker News: the months of an archive in, each word's share of their headlines out.

`months.py` says which months an archive has, `counting.py` counts one, `engines.py` has all of them
counted, and `shares.py` makes one table of that. Knows nothing of Luigi.
"""

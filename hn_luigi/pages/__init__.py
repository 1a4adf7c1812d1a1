"""Pages of assets, in Markdown: where Hacker News' stories meet words, days and pictures.

A module is named after the asset whose page it has; the others are what several pages share.
"""

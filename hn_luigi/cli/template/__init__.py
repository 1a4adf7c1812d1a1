"""The project that ``hn-luigi new`` writes, under the name ``my_pipeline``."""

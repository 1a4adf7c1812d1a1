"""Whether what is stored still matches its definition, and what a run would do."""

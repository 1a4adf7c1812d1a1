"""What ranked headlines say over days: where each story stood, which words rose, what moved.

Pure functions of tables, which know neither where those are stored nor whose headlines they are.
"""

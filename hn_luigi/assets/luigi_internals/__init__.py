"""Everything that leans on Luigi's inside."""

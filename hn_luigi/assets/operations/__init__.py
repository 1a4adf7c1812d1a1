"""Looking after assets: what tools ask of them and do with them."""

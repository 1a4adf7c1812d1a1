"""Rules that an output has to meet before it is published. Knows neither Luigi nor storage."""

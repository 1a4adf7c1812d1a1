"""Secrets: found, masked in logs, and sent to the scheduler alone."""

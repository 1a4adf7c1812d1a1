"""What a step is about to do at its turn, as events of Luigi's, for whoever watches a run.

``Task.event_handler`` takes them like Luigi's own. They come in the process that makes the step.
"""

from __future__ import annotations

MAKING = "hn_luigi.making"
"""An asset is about to be made: the asset, and the reasons why."""
WAITING = "hn_luigi.waiting"
"""Another process is making it, and this one waits: the asset."""

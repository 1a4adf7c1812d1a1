"""What is stored, as HTML for people to look at: by its suffix, or as the class of an asset says.

It knows assets, and neither which there are nor who serves or writes the HTML.
"""

from hn_luigi.display.outputs import LARGEST, Output, Shown, kind_of, shown_by_suffix
from hn_luigi.display.show import detail_shown, show_detail, show_output, view_shown

__all__ = [
    "LARGEST",
    "Output",
    "Shown",
    "detail_shown",
    "kind_of",
    "show_detail",
    "show_output",
    "shown_by_suffix",
    "view_shown",
]

"""What is stored, as HTML for people to look at: by its suffix, or as the class of an asset says.

It knows assets, and neither which there are nor who serves the HTML.
"""

from hn_luigi.display.export import STYLE, Exported, export, export_html, page_html
from hn_luigi.display.markdown_html import PICTURE
from hn_luigi.display.outputs import Output, kind_of
from hn_luigi.display.plots import plot
from hn_luigi.display.show import show_detail, show_output

__all__ = [
    "PICTURE",
    "STYLE",
    "Exported",
    "Output",
    "export",
    "export_html",
    "kind_of",
    "page_html",
    "plot",
    "show_detail",
    "show_output",
]

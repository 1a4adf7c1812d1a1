"""The pages of what is watched as a site of static files, with a feed, which any web server serves.

It knows assets, and neither which there are nor what is made of their pages.
"""

from hn_luigi.publishing.publish_settings import publish
from hn_luigi.publishing.publisher import Outcome, publish_site
from hn_luigi.publishing.site_folder import SiteError

__all__ = ["Outcome", "SiteError", "publish", "publish_site"]

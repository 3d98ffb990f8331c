"""The widget: the search of Relais within the pages of other sites, a configurator, oEmbed, and a list without any script."""

from __future__ import annotations

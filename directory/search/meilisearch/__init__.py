"""The SearchIndex on a Meilisearch server."""

from directory.search.meilisearch.index import MeilisearchIndex

__all__ = ["MeilisearchIndex"]

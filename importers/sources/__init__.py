"""One folder per source: source.toml says what it is, __init__.py how it is read."""

"""The composition root: settings to services, and the command line. Imports every room; no room imports it."""

"""The commands, one module each: parse, ask the rooms once, print."""

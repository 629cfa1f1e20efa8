"""One small file a command; with `bot/__main__.py` the only place in `bot` that knows the edges."""

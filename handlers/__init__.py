"""One file a kind of interaction. Handlers decide; they never write and never send."""

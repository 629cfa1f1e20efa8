"""Red lights: one file a verb, and `evaluate`; pure, told the time."""

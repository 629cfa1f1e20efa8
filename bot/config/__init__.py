"""config.toml → one frozen Config: every problem at once with its line; swapped whole or not at all."""

"""The demo's stage: one page with three chat clients, a clock that can be wound, and whoever plays by himself."""

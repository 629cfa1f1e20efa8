"""Pages and JSON API, and the door through which the platforms' callbacks come in."""

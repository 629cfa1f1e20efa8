"""The wires: chat platforms, web pages and the JSON API, and local stand-ins for the platforms."""

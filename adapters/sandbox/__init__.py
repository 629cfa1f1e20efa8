"""Stand-ins for the platforms: real HTTP servers that speak their protocols, for the demo and the tests."""

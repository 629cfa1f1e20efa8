"""The heart: what was done, is it proven, who must know. Knows no platform, no HTTP, no vendor SDK."""

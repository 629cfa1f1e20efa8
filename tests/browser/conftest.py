"""What every page is looked at in."""

LIGHTS = [(360, 740, "light"), (360, 740, "dark"), (1440, 900, "light"), (1440, 900, "dark")]

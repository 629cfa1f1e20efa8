"""What every page is looked at in: phone and desk, light and dark; the other two of the four with the long tests."""

import pytest

LIGHTS = [
    (360, 740, "light"),
    (1440, 900, "dark"),
    *(pytest.param(*one, marks=pytest.mark.long) for one in ((360, 740, "dark"), (1440, 900, "light"))),
]

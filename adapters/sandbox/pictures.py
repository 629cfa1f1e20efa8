"""Small drawn pictures that stand for photos: a real JPEG of at most 10 KB each, the same for the same subject and seed."""

import io
from random import Random

from PIL import Image, ImageDraw, ImageFont

SIZE = (480, 360)
PALETTES = (  # wall, dark, accent
    ("#dfe7ef", "#5b7083", "#c98f4a"),
    ("#e9e4da", "#6d6353", "#4a7fa5"),
    ("#dde8e1", "#54705f", "#b5654a"),
    ("#e6e1ec", "#655c78", "#d0a13f"),
)


def photo(subject: str, seed: int, caption: str = "") -> bytes:
    """Draw `subject` (meeting | plant | front | group); `caption` is Latin text in the corner and makes the bytes unique."""
    random = Random(f"{subject}-{seed}")
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    wall, dark, accent = random.choice(PALETTES)
    draw.rectangle((0, 0, 480, 230), fill=wall)
    draw.rectangle((0, 230, 480, 360), fill=_mix(dark, wall))
    _clutter(draw, random, wall, dark)
    {"meeting": _meeting, "plant": _plant, "front": _front, "group": _group}[subject](draw, random, dark, accent)
    draw.text((12, 338), caption or f"{subject} #{seed}", fill="#ffffff", font=ImageFont.load_default(14))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=42)
    return data.getvalue()


def _clutter(draw: ImageDraw.ImageDraw, random: Random, wall: str, dark: str) -> None:
    """No two photos of one room are alike: things hang and stand elsewhere each time."""
    for _ in range(10):
        x, y, shade = random.randrange(480), random.randrange(360), random.choice((_mix(wall, dark), _mix(dark, wall)))
        draw.rectangle((x, y, x + random.randrange(12, 90), y + random.randrange(8, 60)), fill=shade)


def _mix(one: str, other: str) -> tuple[int, int, int]:
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    red, green, blue = ((a * 2 + b) // 3 for a, b in pairs)
    return red, green, blue


def _person(draw: ImageDraw.ImageDraw, x: int, base: int, height: int, colour: str) -> None:
    head = height // 5
    draw.ellipse((x - head // 2, base - height, x + head // 2, base - height + head), fill="#e8c4a2")
    draw.rounded_rectangle((x - head, base - height + head + 2, x + head, base), radius=head // 2, fill=colour)


def _meeting(draw: ImageDraw.ImageDraw, random: Random, dark: str, accent: str) -> None:
    draw.rectangle((150, 40, 350, 150), fill="#ffffff", outline=dark, width=4)
    for bar in range(5):
        height = random.randrange(20, 80)
        draw.rectangle((175 + bar * 32, 140 - height, 195 + bar * 32, 140), fill=accent if bar % 2 else dark)
    for x in (90, 190, 300, 400):
        _person(draw, x + random.randrange(-12, 12), 280, 110, random.choice((dark, accent, "#7a8793")))
    draw.polygon(((40, 300), (100, 240), (380, 240), (440, 300)), fill="#a9845d")


def _plant(draw: ImageDraw.ImageDraw, random: Random, dark: str, accent: str) -> None:
    for x in range(0, 480, 60):
        draw.line((x, 0, x + 30, 60), fill=dark, width=3)
    for machine in range(3):
        left = 30 + machine * 150 + random.randrange(-10, 10)
        draw.rectangle((left, 150, left + 110, 280), fill=dark)
        draw.rectangle((left + 12, 165, left + 60, 205), fill="#bfe3e0")
        draw.ellipse((left + 75, 170, left + 97, 192), fill=random.choice((accent, "#62b36f")))
        draw.rectangle((left + 20, 225, left + 95, 265), fill=accent)
    _person(draw, random.randrange(60, 420), 320, 120, "#e0b23c")


def _front(draw: ImageDraw.ImageDraw, random: Random, dark: str, accent: str) -> None:
    draw.rectangle((60, 60, 420, 150), fill=dark)
    draw.text((130, 84), random.choice(("LOGO", "WELCOME", "FACTORY 2")), fill="#ffffff", font=ImageFont.load_default(40))
    draw.rectangle((90, 210, 390, 300), fill="#b08d64")
    draw.rectangle((90, 210, 390, 224), fill=accent)
    _person(draw, random.randrange(180, 300), 215, 90, "#5a6b7b")


def _group(draw: ImageDraw.ImageDraw, random: Random, dark: str, accent: str) -> None:
    draw.rectangle((120, 24, 360, 84), fill=accent)
    draw.text((190, 34), "LOGO", fill="#ffffff", font=ImageFont.load_default(36))
    colours = (dark, "#7a8793", "#39506b", "#8a5a52", accent)
    for x in range(60, 440, 62):
        _person(draw, x + random.randrange(-6, 6), 320, random.randrange(150, 180), random.choice(colours))

"""What a stranger checks with: the two verifiers and a page that explains them."""

import base64
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.dossier import check
from bot.render import plain

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "dossier"


def files(customer: str, key: str) -> dict[str, bytes]:
    """Names and bytes of the tools in the archive."""
    texts = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, finalize=plain, autoescape=False)  # noqa: S701 - plain text
    return {
        "README.txt": texts.get_template("README.txt.j2").render(customer=customer, key=key).encode(),
        "check.py": Path(check.__file__).read_bytes(),
        "verify.html": (TEMPLATES / "verify.html").read_bytes(),
    }


def base64_of(hashed: bytes) -> str:
    """A hash as checkpoints and proofs spell it."""
    return base64.b64encode(hashed).decode()

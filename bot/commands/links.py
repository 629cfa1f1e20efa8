"""What customers' links lead to, made from the line: the clock, the database and the vault are ours."""

import asyncio

from adapters.binding import bound
from bot import materials, signatures
from bot.evidence.dwell import Beat, Viewing
from bot.line import Line
from bot.model import Deck, Material, Opening, Signing
from bot.receipt import receipt
from bot.signatures import Given
from bot.store import materials as stored

ACROSS = 1100  # pixels of a page that a customer reads before he signs


class Links:
    """Implements `adapters.web.desk.Links`."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def give(self, signing: Signing, given: Given) -> bool:
        return await signatures.give(self._line, signing, given)

    async def receipt(self, signing: Signing) -> bytes:
        return await receipt(signing, self._line.config(), self._line.vault)

    async def paper(self, sha256: str, page: int) -> tuple[int, bytes | None]:
        path = self._line.vault.path(sha256)
        return await self._line.copies.paper(path, page, ACROSS) if path.is_file() else (0, None)

    async def open(self, material: Material, pages: int) -> Opening:
        return await materials.opened(self._line, material, pages)

    async def join(self, opening: str, nonce: str, pages: int) -> None:
        await stored.join(self._line.database, opening, nonce, pages, self._line.clock.now())

    async def beat(self, opening: str, told: Beat) -> Viewing | None:
        return await stored.beat(self._line.database, opening, told, self._line.clock.now())

    async def download(self, opening: Opening, deck: Deck) -> bytes:
        pages = [(self._line.vault.path(page.large), page.width, page.height) for page in deck.pages]
        pdf = await asyncio.to_thread(bound, pages)
        await materials.downloaded(self._line, opening)
        return pdf

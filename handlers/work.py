"""What one interaction comes to: the facts and answers gathered while deciding, with ids that a repeated step makes again."""

from dataclasses import dataclass, field, replace
from typing import Any

from bot.case import Case
from bot.config.schema import Config
from bot.ids import new_id
from bot.model import OURS, Address, Can, Customer, Draft, Entry, Interaction, Json, Outgoing, Person, Platform, Visit, VisitState

OUTING, SIGN_IN, FIELD = "外出打卡", "签到", "外勤打卡"


@dataclass
class Work:
    """The sheet on which a handler writes; `visit` is the open visit as it stands after what was written so far."""

    interaction: Interaction
    case: Case
    person: Person
    visit: Visit | None
    facts: list[Entry] = field(default_factory=list)
    messages: list[Outgoing] = field(default_factory=list)

    @property
    def config(self) -> Config:
        return self.case.config

    @property
    def source(self) -> str:
        """What the facts come from: platform and inbox key."""
        return f"{self.interaction.platform.value}:{self.interaction.key}"

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The day's visits, oldest first, the open one last."""
        known = self.case.visits or ((self.case.last_visit,) if self.case.last_visit else ())
        return (*known, self.visit) if self.visit else known

    @property
    def own(self) -> tuple[Customer, ...]:
        return tuple(customer for customer in self.case.customers if customer.owner == self.person.id)

    @property
    def by_record(self) -> str:
        """What a rep proves his presence by, in his platform's words; "" where a location message does."""
        if Can.LOCATION in self.case.can and not (self.case.has_records or self.config.presence.device == "required"):
            return ""
        platform, ding, feishu = self.interaction.platform, self.config.dingtalk, self.config.feishu
        if platform is Platform.FEISHU and feishu and feishu.attendance:
            return FIELD
        if platform is not Platform.DINGTALK or ding is None:
            return OUTING
        return FIELD if ding.attendance and (self.config.presence.device == "required" or not ding.checkin) else SIGN_IN

    def page_url(self, visit: str) -> str:
        """The visit's page; "" where no browser would let it know the place, which needs https."""
        url = self.config.server.public_url.rstrip("/")
        return f"{url}/visit/{visit}" if url.startswith(("https://", "http://127.0.0.1", "http://localhost")) else ""

    def id(self, prefix: str, seed: str = "") -> str:
        return new_id(prefix, self.interaction.sent_at, f"{self.source}:{prefix}:{seed}")

    def record(self, *facts: Entry) -> None:
        self.facts += facts

    def reply(self, template: str, **values: Any) -> None:
        """Answer where the message came from."""
        self.messages.append(self._outgoing(f"reply:{self.interaction.key}:{len(self.messages)}", self._back(), template, values))

    def tell(self, person: str, key: str, template: str, **values: Any) -> None:
        """Write to somebody else, once by key."""
        self.messages.append(self._outgoing(key, Address(person=person), template, values))

    def update(self, key: str, template: str, values: Json, *, token: str = "") -> None:
        """Change an earlier message in place."""
        message = self._outgoing(f"{key}:{self.interaction.key}", self._back(), template, values)
        self.messages.append(replace(message, edits=key, token=token))

    def draft(self) -> Draft:
        return Draft(entries=tuple(self.facts), messages=tuple(self.messages))

    def _back(self) -> Address:
        if self.interaction.platform in OURS:
            return Address(person=self.person.id)
        if self.interaction.chat:
            return Address(platform=self.interaction.platform, chat=self.interaction.chat)
        return Address(platform=self.interaction.platform, user=self.interaction.sender)

    @staticmethod
    def _outgoing(key: str, to: Address, template: str, values: Json) -> Outgoing:
        return Outgoing(key=key, to=to, template=template, values=values)


def begin(interaction: Interaction, case: Case, person: Person) -> Work:
    visit = case.visit if case.visit and case.visit.state is VisitState.OPEN else None
    return Work(interaction=interaction, case=case, person=person, visit=visit)

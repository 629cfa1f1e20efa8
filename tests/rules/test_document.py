"""Papers at their edges."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.config.schema import Document
from bot.rules.document import applies, judge, standing
from bot.rules.facts import DocumentFacts

BEGAN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
RULE = Document(id="minutes", kind="document", name="对接纪要", industry=("主机厂",), days=7, warn_days=2)


def facts(began: datetime | None = BEGAN, filed_at: datetime | None = None) -> DocumentFacts:
    return DocumentFacts(rule="minutes", customer="C1", name="华强", region="south", owner="E1", began=began, filed_at=filed_at)


@pytest.mark.parametrize(
    ("after", "state", "fires"),
    [
        (timedelta(0), "due", False),
        (timedelta(days=5, milliseconds=-1), "due", False),
        (timedelta(days=5), "red", True),
        (timedelta(days=7, milliseconds=-1), "red", True),
        (timedelta(days=7), "overdue", True),
    ],
)
def test_the_days_of_a_paper(after: timedelta, state: str, fires: bool) -> None:
    assert standing(RULE, facts(), BEGAN + after) == state
    assert (judge(RULE, facts(), BEGAN + after) is not None) is fires
    assert standing(RULE, facts(filed_at=BEGAN), BEGAN + after) == "filed"
    assert judge(RULE, facts(filed_at=BEGAN), BEGAN + after) is None


def test_what_nothing_asks_for_is_open() -> None:
    assert standing(RULE, facts(began=None), BEGAN) == "open"
    assert judge(RULE, facts(began=None), BEGAN + timedelta(days=99)) is None


def test_for_whom() -> None:
    assert applies(RULE, "主机厂") and not applies(RULE, "电子")
    assert applies(RULE.model_copy(update={"industry": ()}), "电子")

"""People of an import whose accounts are not named: found by their mobile number, where a platform tells."""

from collections.abc import Mapping
from dataclasses import replace

from bot.errors import FetchError
from bot.intake import Parsed, PersonRow, Rejected
from bot.model import Platform
from bot.ports import Adapter, Directory


async def matched(parsed: Parsed, adapters: Mapping[Platform, Adapter]) -> Parsed:
    """With the accounts that were found. A row of which a platform would not tell is refused: it comes again with the next import."""
    if not any(isinstance(row, PersonRow) and row.phone for _, row in parsed.accepted):
        return parsed
    asked = {platform: adapter for platform, adapter in adapters.items() if isinstance(adapter, Directory)}
    accepted, rejected = [], list(parsed.rejected)
    for number, row in parsed.accepted:
        try:
            accepted.append((number, await _found(row, asked) if isinstance(row, PersonRow) and row.phone else row))
        except FetchError as error:
            rejected.append(Rejected(row=number, reason=f"按手机号查不到账号, 平台没有回答 ({error.reason}), 请稍后再导入"))
    return Parsed(accepted=tuple(accepted), rejected=tuple(rejected))


async def _found(row: PersonRow, asked: Mapping[Platform, Directory]) -> PersonRow:
    phone = row.phone.replace(" ", "").replace("-", "")
    given = {Platform.WECOM: row.wecom, Platform.DINGTALK: row.dingtalk, Platform.FEISHU: row.feishu}
    known = {platform: user or (await asked[platform].account_of(phone) if platform in asked else "") for platform, user in given.items()}
    return replace(row, wecom=known[Platform.WECOM], dingtalk=known[Platform.DINGTALK], feishu=known[Platform.FEISHU])

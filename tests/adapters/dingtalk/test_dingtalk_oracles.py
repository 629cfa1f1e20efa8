"""Our stand-in held against DingTalk's own kits: what they take for DingTalk is near enough to it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alibabacloud_dingtalk.oauth2_1_0 import models as oauth_models
from alibabacloud_dingtalk.oauth2_1_0.client import Client as OAuth
from alibabacloud_dingtalk.robot_1_0 import models
from alibabacloud_dingtalk.robot_1_0.client import Client as Robot
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from Tea.exceptions import TeaException

from adapters.sandbox.dingtalk import DingTalkStandIn
from bot.clock import SystemClock

CLIENT, SECRET = "dingoracle01", "oracle-secret"


@pytest.fixture
async def ding() -> AsyncIterator[DingTalkStandIn]:
    made = DingTalkStandIn(SystemClock(), client_id=CLIENT, secret=SECRET)
    await made.start()
    made.add_user("rep007", "王浩")
    made.add_group("cid-south", ["rep007"])
    yield made
    await made.close()


def config(ding: DingTalkStandIn) -> Config:
    return Config(protocol="http", region_id="central", endpoint=ding.base_url.removeprefix("http://"))


async def token(ding: DingTalkStandIn) -> str:
    asked = oauth_models.GetAccessTokenRequest(app_key=CLIENT, app_secret=SECRET)
    answer = await OAuth(config(ding)).get_access_token_async(asked)
    assert answer.body.expire_in == 7200
    return str(answer.body.access_token)


async def test_the_stream_kit_hears_what_is_said_and_acks_it(ding: DingTalkStandIn) -> None:
    kit = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.adapters.dingtalk.oracle", CLIENT, SECRET),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "DINGTALK_OPENAPI_ENDPOINT": ding.base_url},
    )
    assert kit.stdout is not None
    try:
        await ding.connected(60)
        assert await ding.say("rep007", "今日")
        told = json.loads(await asyncio.wait_for(kit.stdout.readline(), 10))
        assert told == {"message": ding.last["msgId"], "type": "text", "text": "今日"}
        await ding.checkin("rep007", 22.5, 114.0)
        told = json.loads(await asyncio.wait_for(kit.stdout.readline(), 10))
        assert (told["event"], told["data"]["staffId"]) == ("check_in", "rep007")
        card = {"track": "t1", "card": {"label1": "我来跟进", "op1": "alert.follow:al_1"}}
        assert await ding.tap_card("rep007", card, "我来跟进")
        told = json.loads(await asyncio.wait_for(kit.stdout.readline(), 10))
        assert (told["card"], told["user"]) == ("t1", "rep007")
        assert told["content"]["cardPrivateData"]["params"] == {"op": "alert.follow:al_1"}
        answer = await ding.ping()
        assert answer is not None and json.loads(answer["data"]) == {"opaque": "op-1"}
        await ding.disconnect()
        await ding.connected(30)
        assert await ding.say("rep007", "换了连接")
        assert json.loads(await asyncio.wait_for(kit.stdout.readline(), 10))["text"] == "换了连接"
    finally:
        kit.kill()
        await kit.wait()


async def test_the_generated_client_sends_and_reads_both_lists(ding: DingTalkStandIn) -> None:
    ding.world.flow_controlled.add("rep008")
    ding.add_user("rep008", "慢")
    headers = models.BatchSendOTOHeaders(x_acs_dingtalk_access_token=await token(ding))
    asked = models.BatchSendOTORequest(
        robot_code=CLIENT, user_ids=["rep007", "rep008", "nobody"], msg_key="sampleText", msg_param=json.dumps({"content": "你好"})
    )
    answer = (await Robot(config(ding)).batch_send_otowith_options_async(asked, headers, RuntimeOptions())).body
    assert answer.process_query_key
    assert (answer.invalid_staff_id_list, answer.flow_controlled_staff_id_list) == (["nobody"], ["rep008"])
    assert ding.screen("rep007")[-1]["param"] == {"content": "你好"}


async def test_the_generated_client_sends_to_a_group_and_understands_refusals(ding: DingTalkStandIn) -> None:
    headers = models.OrgGroupSendHeaders(x_acs_dingtalk_access_token=await token(ding))

    async def sent(chat: str, key: str, param: dict[str, Any]) -> str:
        asked = models.OrgGroupSendRequest(robot_code=CLIENT, open_conversation_id=chat, msg_key=key, msg_param=json.dumps(param))
        try:
            await Robot(config(ding)).org_group_send_with_options_async(asked, headers, RuntimeOptions(autoretry=False))
        except TeaException as refused:
            return str(refused.code)
        return "ok"

    card = {"title": "红灯", "text": "演示过短", "singleTitle": "查看记录", "singleURL": "https://bot.example.cn/record/1"}
    assert await sent("cid-south", "sampleActionCard", card) == "ok"
    assert await sent("cid-west", "sampleActionCard", card) == "invalid.openConversationId"
    assert await sent("cid-south", "sampleActionCard", {**card, "singleURL": "javascript:1"}) == "contain.unsafe.url"
    assert await sent("cid-south", "sampleText", {"content": "长" * 6000}) == "invalidParameter.msgParam.tooLong"


async def test_the_generated_client_downloads_in_two_steps(ding: DingTalkStandIn) -> None:
    code = ding.world.keep(b"photo", "image/jpeg")
    headers = models.RobotMessageFileDownloadHeaders(x_acs_dingtalk_access_token=await token(ding))
    asked = models.RobotMessageFileDownloadRequest(download_code=code, robot_code=CLIENT)
    answer = await Robot(config(ding)).robot_message_file_download_with_options_async(asked, headers, RuntimeOptions())
    assert answer.body.download_url.startswith(f"{ding.base_url}/files/{code}?Expires=")

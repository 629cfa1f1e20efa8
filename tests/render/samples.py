"""Values for every template, several where it branches. A template without a sample fails the tests, and so does a sample without one."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.evidence.codes import Code

AT = "2026-11-23T06:05:09.000Z"  # 14:05 in Shanghai
REASON = {"code": "place.out", "values": {"distance_m": 1234.5, "radius_m": 500.0, "site": "注册地址", "accuracy_m": None}}
SHORT = {"code": "voice.short", "values": {"seconds": 29.0, "want": 30.0}}
STAGES = [{"id": "need", "name": "需求确认"}, {"id": "demo", "name": "方案演示"}]
CUSTOMERS = [{"id": "C001", "name": "华强电子"}, {"id": "C002", "name": "恒达机电"}]
COME = [
    {"kind": "photo", "have": 1, "want": 1, "seconds": 0, "kinds": []},
    {"kind": "voice", "have": 0, "want": 1, "seconds": 30.0, "kinds": []},
    {"kind": "any", "have": 0, "want": 1, "seconds": 0, "kinds": ["photo", "file"]},
]
GAPS = [
    {"kind": "photo", "have": 0, "want": 1, "seconds": 0, "kinds": []},
    {"kind": "voice", "have": 0, "want": 1, "seconds": 0, "kinds": []},
    {"kind": "voice_max", "have": 75.0, "want": 60, "seconds": 0, "kinds": []},
]
CHECK = {"state": "passed", "place": "华强北路 1 号", "distance_m": 48.0, "until": AT, "battery": None, "reasons": [REASON]}
NOWHERE = {
    "state": "refused",
    "place": "",
    "distance_m": None,
    "until": AT,
    "battery": 83.0,
    "reasons": [{"code": "place.no_site", "values": {}}],
}
DONE = {"id": "a_1", "name": "方案演示", "at": AT, "state": "complete", "tier": "T4", "lacks": []}
LACKS = {"id": "a_2", "name": "需求确认", "at": AT, "state": "incomplete", "tier": "T0", "lacks": [SHORT]}
HELD = {"id": "a_3", "name": "商务谈判", "at": AT, "state": "quarantined", "tier": "T1", "lacks": [REASON]}
PHOTO: dict[str, Any] = {"kind": "photo", "seconds": None, "state": "counted", "reasons": []}
VOICE = {"kind": "voice", "seconds": 29.0, "state": "refused", "reasons": [SHORT]}
PROPOSED: dict[str, Any] = {
    "id": "cp_1",
    "state": "shown",
    "by": "方宁",
    "lines": ["不活跃提醒 72 小时 → 48 小时", "到场 围栏半径 500 米 → 300 米"],
    "rest": 0,
}
EFFECT: dict[str, Any] = {
    "since": AT,
    "until": AT,
    "days": 30,
    "to": "48 小时",
    "more": 37,
    "fewer": 0,
    "people": 9,
    "before": 120,
    "after": 157,
    "sooner": 0,
    "later": 0,
    "rules": [{"name": "不活跃提醒（inactive-72h）", "more": 37, "fewer": 0, "people": 9}],
    "listed": [
        {"sign": "+", "at": AT, "rule": "inactive-72h", "customer": "华强电子", "person": "李娜", "region": "华南", "tell": ["客户经理"]},
        {"sign": "-", "at": AT, "rule": "excess-need", "customer": "", "person": "李娜", "region": "华南", "tell": []},
    ],
    "rest": 0,
    "left_out": [],
}
NO_REMEDY = {"failing": "", "exception": False, "newsite": False, "rebind": False, "relocate": False}
EVERY_REMEDY = {"failing": "ch_1", "exception": True, "newsite": True, "rebind": True, "relocate": True}
RECEIVED = {
    "customer": "华强电子",
    "name": "方案演示",
    "items": [PHOTO, VOICE],
    "state": "refused",
    "come": COME,
    "complete": False,
    "closing": [],
    "end": False,
    "late": False,
    "stages": [],
    "records": "外出打卡",
    "appeal": "e_1",
    **NO_REMEDY,
}
ME = "https://bot.example.cn/me"
STATED = {"action": DONE, "customer": "华强电子", "by": "王强", "text": "我在二号厂房", "url": "https://bot.example.cn/record/a_1"}
STARTED = {
    "customer": "华强电子",
    "started": AT,
    "check": CHECK,
    "records": "外出打卡",
    "page": "https://bot.example.cn/visit/v_1",
    "stages": STAGES,
}
SIGNATURE = {"id": "sg_1", "customer": "华强电子", "what": "设备验收单", "until": AT, "url": "https://bot.example.cn/sign/Zk3"}
SIGNED = {
    "customer": "华强电子",
    "what": "设备验收单",
    "name": "王建国",
    "title": "",
    "at": AT,
    "digest": "ab" * 32,
    "url": "https://bot.example.cn/receipt/sg_1",
}
MATERIAL = {"name": "白皮书", "customer": "华强电子", "url": "https://bot.example.cn/material/Zk3"}
STAGE = {
    "opened": True,
    "customer": "华强电子",
    "name": "方案演示",
    "override": "",
    "come": COME,
    "complete": False,
    "place": "onsite",
    "check_in": True,
    "records": "外出打卡",
    "kinds": [],
}
APPROVAL = {
    "approval": "ap_1",
    "what": "device",
    "rep": "王强",
    "at": AT,
    "customer": "华强电子",
    "place": "华强北路 1 号",
    "distance_m": 1234.5,
    "device": "abc123",
    "reasons": [REASON],
    "done": "",
}
ALERT = {
    "escalated": 0,
    "id": "al_1",
    "rule": "inactive-72h",
    "what": "inactivity",
    "state": "firing",
    "count": 1,
    "since": AT,
    "until": "",
    "customer": "华强电子",
    "person": "王强",
    "stage": "",
    "hours": 72,
    "last": AT,
    "per_day": 0,
    "seconds": 0,
    "limit": 0,
    "of": 1,
    "listed": [],
    "document": "",
    "due": "",
    "script": "",
    "heard": 0,
    "points": 0,
    "missing": [],
    "url": "https://bot.example.cn/record/al_1",
    "how": "",
    "by": "",
    "reason": "",
}
LISTED = [{"at": AT, "customer": "华强电子"}, {"at": AT, "customer": "恒达机电"}]
EXCESS = {**ALERT, "what": "excess", "stage": "需求确认", "count": 7, "per_day": 5, "listed": LISTED, "last": ""}
BRIEF = {**ALERT, "what": "short_dwell", "stage": "方案演示", "seconds": 45.5, "limit": 90.0}
SNOOZED = {**ALERT, "state": "acknowledged", "how": "snooze", "by": "王强", "reason": "客户下周盘点"}
MUTED = {**EXCESS, "state": "muted", "until": AT, "how": "mute", "by": "李总"}
FALSE = {**BRIEF, "of": 10, "state": "resolved", "how": "false_alarm", "by": "李总"}
PAPER = {**ALERT, "what": "document", "document": "主机厂技术对接纪要", "due": AT}
OWED = {**ALERT, "what": "followup", "document": "技术对比文档", "due": AT, "hours": 48}
SCRIPT = {**ALERT, "what": "phrases", "script": "激光切割机", "heard": 1, "points": 3, "missing": ["交付周期", "分期付款"], "last": ""}
HEARD = {
    "customer": "华强电子",
    "scene": "报价异议处理",
    "seconds": 32.0,
    "text": "【预算】还没有批，【疑似交付周期：销付周期】太长。",
    "gist": ["预算还没有批，销付周期太长。"],
    "keywords": ["预算"],
    "doubtful": ["交付周期"],
    "scripts": [
        {"product": "激光切割机", "heard": 1, "of": 3, "missing": ["分期付款"]},
        {"product": "", "heard": 3, "of": 3, "missing": []},
    ],
    "engine": "funasr SenseVoiceSmall",
}
STALE = {**ALERT, "what": "stale_stage", "stage": "合同签署", "days": 14, "paper": "D1", "yuan": "1,200.00", "last": AT}
LATE = {**ALERT, "what": "overdue", "days": 90, "paper": "P1", "yuan": "5,000.00", "due": AT, "last": ""}
ALERTS = [
    ALERT,
    {**ALERT, "escalated": 4},
    EXCESS,
    BRIEF,
    PAPER,
    OWED,
    SCRIPT,
    STALE,
    LATE,
    SNOOZED,
    MUTED,
    FALSE,
    {**ALERT, "state": "resolved"},
]
DEVICES = [{"name": "abc123", "state": "active", "since": AT}, {"name": "def456", "state": "pending", "since": AT}]
BOARD = "https://bot.example.cn/board?month=2026-11&region=south"
STEP = {"name": "方案演示", "actions": 3, "standing": 2, "reached": 5, "conversion": 0.6, "last": False}
ROW = {
    "grade": "A",
    "customers": 3,
    "quota": 12,
    "done": 9,
    "rate": 0.75,
    "surplus": 1,
    "weak": 2,
    "explained": 1,
    "unexplained": 2,
    "notes": ["CEO出差"],
}
GROUNDS: list[dict[str, Any]] = [
    {"id": "demos", "met": True, "have": "3", "want": "3", "sources": ["a_1", "a_2", "a_3"], "more": []},
    {"id": "orders", "met": True, "have": "0", "want": "0", "sources": [], "more": []},
    {"id": "site", "met": True, "have": "2.301", "want": "2.3", "sources": [], "more": ["12", "276.1", "120"]},
    {"id": "inquiry", "met": True, "have": "定制化API对接", "want": "定制化API对接", "sources": ["inquiries:I1"], "more": []},
    {"id": "orders", "met": False, "have": "1", "want": "0", "sources": ["orders:O1"], "more": []},
    {"id": "site", "met": False, "have": "", "want": "2.3", "sources": [], "more": []},
    {"id": "inquiry", "met": False, "have": "", "want": "定制化API对接", "sources": [], "more": []},
    {"id": "cases", "met": True, "have": "3", "want": "3", "sources": ["p_1", "p_2", "p_3"], "more": []},
    {"id": "cases", "met": False, "have": "0", "want": "3", "sources": [], "more": []},
    {"id": "ticket", "met": True, "have": "90", "want": "90", "sources": ["tickets:T1"], "more": []},
    {"id": "ticket", "met": False, "have": "91", "want": "90", "sources": [], "more": []},
    {"id": "ticket", "met": False, "have": "", "want": "90", "sources": [], "more": []},
]
RATE = {"began": 15, "due": 12, "converted": 4, "rate": 1 / 3}
NO_RATE = {"began": 2, "due": 0, "converted": 0, "rate": None}
OFF: dict[str, Any] = {
    "name": "李娜",
    "said": 30_000_000,
    "own": 12_345_600,
    "actual": 50_000,
    "why": "",
    "late": 1,
    "deviation": 0.37,
    "own_deviation": -0.115,
}
CODED = {
    "at": "2026-11-23T06:05:09.000Z",
    "received_at": "2026-11-23T06:09:09.000Z",
    "rep_name": "王浩",
    "customer_name": "华强",
    "record": "a_1",
    "hours": 30,
    "days": 3,
    "tier": "T2",
    "distance_m": 1234.5,
    "radius_m": 500.0,
    "site": "注册地址",
    "accuracy_m": 35.0,
    "problem": "zero",
    "minutes": 3,
    "seconds": 29.4,
    "want": 30,
    "have": 0,
    "kinds": ["photo", "voice"],
    "count": 2,
}

Samples = Mapping[str, Sequence[Mapping[str, Any]]]

PARTS: Samples = {
    "reply/silence": [{"part": part} for part in GROUNDS],
    "reply/noun": [{"kind": kind} for kind in ("photo", "voice", "signature", "deck", "file", "checkin", "any", "else")],
    "reply/missing": [{"gap": gap} for gap in (*COME, *GAPS)],
    "reply/reason": [
        *({"code": str(code), "values": CODED} for code in Code),
        {"code": "place.excepted", "values": {}},
        {"code": "missing.any", "values": {"kinds": []}},
        {"code": "missing.voice", "values": {"have": 0, "want": 1}},
        {"code": "media.lost", "values": {"problem": "else"}},
        {"code": "from.the.future", "values": {}},
    ],
}
REPLIES: Samples = {
    "reply/visit_replaced": [{"customer": "华强电子"}],
    "reply/visit_timed_out": [{"customer": "华强电子", "hours": 12, "complete": 1}, {"customer": "华强电子", "hours": 12, "complete": 0}],
    "reply/closing_missing": [{"customer": "华强电子", "missing": GAPS, "actions": [LACKS]}],
    "reply/visit_ended": [
        {"customer": "华强电子", "seconds": 5405.0, "actions": [DONE, LACKS, HELD]},
        {"customer": "华强电子", "seconds": 0, "actions": []},
    ],
    "reply/visit_withdrawn": [{"customer": "华强电子", "actions": 2}, {"customer": "华强电子", "actions": 0}],
    "reply/ask_reason": [{"about": "合同签署"}],
    "reply/ask_snooze_reason": [{"customer": "华强电子"}, {"customer": ""}],
    "reply/corrected": [{"customer": "华强电子", "before": "需求确认", "action": one} for one in (DONE, LACKS)],
    "reply/asked": [
        {"what": what, "customer": "华强电子", "told": told} for what in ("check", "site", "device", "item") for told in (True, False)
    ],
    "reply/already_asked": [{"what": what} for what in ("check", "site", "device", "item")],
    "reply/already_decided": [{"yes": True}, {"yes": False}],
    "reply/approval_decided": [
        {"what": "device", "yes": True, "by": "李总", "customer": "", "counted": 2, "completed": ["方案演示"]},
        {"what": "site", "yes": False, "by": "李总", "customer": "华强电子", "counted": 0, "completed": []},
    ],
    "reply/device": [{"devices": DEVICES}, {"devices": []}],
    "reply/relocate": [{"records": name} for name in ("外出打卡", "签到", "外勤打卡", "")],
    "reply/no_position": [{"reasons": [{"code": "place.problem", "values": {"problem": "zero"}}]}, {"reasons": []}],
    "reply/judged_again": [
        {"counted": 2, "held": [VOICE, PHOTO], "completed": ["方案演示"], "lost": ["需求确认"]},
        {"counted": 0, "held": [], "completed": [], "lost": []},
    ],
    "reply/alert_moved": ALERTS,
    "reply/alert_state": [
        {"state": "acknowledged", "by": "李总", "reason": "盘点"},
        {"state": "resolved", "by": "", "reason": ""},
    ],
    "card/red_lights": [{"alerts": ALERTS, "total": 12}, {"alerts": ALERTS, "total": 7}, {"alerts": [], "total": 0}],
    "reply/today": [
        {
            "visit": "华强电子",
            "actions": [{**DONE, "customer": "华强电子"}, {**LACKS, "customer": "恒达机电"}],
            "due": [{"customer": "华强电子", "at": AT, "over": True}, {"customer": "恒达机电", "at": AT, "over": False}],
            "url": ME,
        },
        {"visit": "", "actions": [], "due": [], "url": ME},
    ],
    "reply/help": [
        {
            "unknown": unknown,
            "rep": rep,
            "director": not rep,
            "sends": not rep,
            "admin": not rep,
            "presales": not rep,
            "records": "外出打卡" if rep else "",
            "chat": "" if rep else "dingtalk:cid1",
        }
        for unknown in (True, False)
        for rep in (True, False)
    ],
    "reply/usage": [
        *({"command": command, "files": True} for command in ("加人", "说明", "改", "更正", "核验", "申诉", "决策链")),
        {"command": "归档", "files": False},
    ],
    "reply/my_data": [
        {
            "name": "王强",
            "customers": 5,
            "devices": DEVICES,
            "today": 3,
            "complete": 2,
            "checks": 4,
            "visit": "华强电子",
            "counts": {"messages": 9, "actions": 3, "photos": 2, "voices": 1, "files": 0, "checks": 4, "looks": 1},
            "looks": [{"record": "a_1", "by": "陈静", "at": "2026-11-23T06:05:09.000Z"}],
            "consents": [{"purpose": "位置", "state": state} for state in ("given", "withdrawn", "shown", "")],
            "url": ME,
        },
        {
            "name": "王强",
            "customers": 0,
            "devices": [],
            "today": 0,
            "complete": 0,
            "checks": 0,
            "visit": "",
            "counts": {},
            "looks": [],
            "consents": [],
            "url": ME,
        },
    ],
    "reply/silent": [
        {
            "region": "华南",
            "count": 9,
            "customers": [{"name": "华强电子", "owner": "李娜", "since": AT, "parts": GROUNDS[:4]}],
            "pool": RATE,
            "ordinary": NO_RATE,
            "repurchase": RATE,
            "days": 90,
        },
        {"region": "全部区域", "count": 0, "customers": [], "pool": NO_RATE, "ordinary": NO_RATE, "repurchase": NO_RATE, "days": 90},
    ],
    "reply/forecast_taken": [{"customer": "华强电子", "amount": 30_000_000, "month": "2027-06"}],
    "reply/refuse_forecast": [{"why": "月份「明年」看不懂，或已经过去"}],
    "reply/deviations": [
        {
            "region": "全部区域",
            "months": [
                {"month": "2026-10", **OFF},
                {"month": "2026-11", **OFF, "why": "running", "deviation": None, "own_deviation": None},
            ],
            "last": "2026-10",
            "reps": [
                OFF,
                {**OFF, "own": None, "own_deviation": None},
                {**OFF, "actual": 0, "why": "zero", "deviation": None, "own_deviation": None},
            ],
            "regions": [OFF],
        },
        {"region": "华南", "months": [], "last": "", "reps": [], "regions": []},
    ],
    "card/silent": [
        {"customer": "华强电子", "id": "C001", "owner": "李娜", "parts": GROUNDS[:4]},
        {"customer": "华强电子", "id": "C001", "owner": "", "parts": []},
    ],
    "card/record": [
        {
            "action": one,
            "reasons": [REASON],
            "customer": "华强电子",
            "rep": "王强",
            "items": [{**PHOTO, "sha256": "ab" * 32}, {**VOICE, "sha256": ""}],
            "url": "https://bot.example.cn/record/a_1",
        }
        for one in (DONE, LACKS, HELD, {**DONE, "state": "withdrawn"})
    ],
    "card/light_record": ALERTS,
    "reply/statement": [STATED],
    "reply/stated": [{**STATED, "told": told} for told in (-1, 0, 2)],
    "reply/refuse_too_long": [{"most": 300}],
    "reply/chain": [
        {
            "customer": "华强电子",
            "contacts": [
                {"name": "张总", "title": "采购总监", "role": "decider", "phone": "13800000000", "last": AT},
                {"name": "王工", "title": "", "role": "", "phone": "", "last": ""},
            ],
            "heard": heard,
        }
        for heard in ([], ["CTO"])
    ],
    "reply/heard": [
        HEARD,
        {**HEARD, "scene": "", "gist": [], "keywords": [], "doubtful": [], "scripts": []},
        {**HEARD, "text": ""},
    ],
    "reply/unheard": [
        {"customer": "华强电子", "seconds": 12.5, "reason": reason}
        for reason in ("no_engine", "voice.undecodable", "voice.empty", "file_gone", "too_slow", "worker_died", "unavailable", "other")
    ],
    "reply/scene": [{"customer": "华强电子", "scene": "报价异议处理", "seconds": 60, "until": AT}],
    "reply/scene_over": [{"scene": "报价异议处理", "seconds": 60}],
    "reply/ask_words": [{"customer": "华强电子", "text": text} for text in ("客户不在", "")],
    "reply/rewritten": [
        {"customer": "华强电子", "text": "【预算】还没有批", "gist": ["预算还没有批"], "draft": draft} for draft in (True, False)
    ],
    "reply/submitted": [{"customer": "华强电子", "edited": edited} for edited in (True, False)],
    "reply/draft_waits": [{"customer": "华强电子", "scene": "报价异议处理", "until": AT}],
    "reply/draft_expired": [{"customer": "华强电子", "scene": "报价异议处理"}],
    "reply/met": [{"customer": "华强电子", "names": ["张总", "王工"]}],
    "reply/ask_contact": [{"customer": "华强电子", "title": "采购总监"}],
    "reply/cares": [
        {"customer": "华强电子", "words": []},
        {
            "customer": "华强电子",
            "words": [
                {"word": "预算", "times": 2, "snippets": [{"at": AT, "text": "预算还没有批", "sure": sure} for sure in (True, False)]}
            ],
        },
    ],
    "reply/refuse_no_month": [{"words": "13月", "ahead": False}, {"words": "2027-05", "ahead": True}],
    "reply/refuse_no_material": [
        {"words": "手册", "customer": "华强电子", "names": ["产品册", "白皮书"]},
        {"words": "手册", "customer": "", "names": []},
    ],
    "reply/refuse_nothing_to_file": [
        {"words": "对接纪要", "files": files, "customer": customer} for files in (True, False) for customer in ("华强电子", "")
    ],
    "reply/handed_away": [{"to": "王浩", "by": "陈国栋", "names": ["华强电子"], "count": count} for count in (1, 30)],
    "reply/on_card": [{"words": "登记"}],
    "reply/refuse_no_scene": [{}],
    "reply/refuse_no_transcript": [{}],
    "reply/refuse_words_final": [{"state": state} for state in ("submitted", "expired", "heard")],
    "reply/refuse_no_correction": [{}],
    "reply/refuse_no_contact": [{"words": "王五", "names": names} for names in ([], ["张总"])],
    "reply/refuse_no_name": [{}],
    "reply/refuse_stopped": [{}],
    "reply/refuse_title_settled": [{"title": "采购总监"}],
    "reply/contact_added": [
        {"customer": "华强电子", "name": "张总", "title": "采购总监", "role": "decider", "known": True},
        {"customer": "华强电子", "name": "张总", "title": "", "role": "", "known": False},
    ],
    "reply/note_added": [{"customer": "华强电子", "kind": "高层拜访", "reason": "CEO出差", "month": "2026-11"}],
    "reply/stopped": [{}],
    "reply/stranger": [{}],
    "reply/quota": [
        {"platform": "dingtalk", "what": "pushes", "used": 2700, "limit": 3000, "forecast": 4050, "out": False, "short": True},
        {"platform": "feishu", "what": "calls", "used": 9100, "limit": 10000, "forecast": 0, "out": False, "short": True},
        {"platform": "feishu", "what": "calls", "used": 7100, "limit": 10000, "forecast": 9900, "out": False, "short": True},
        {"platform": "feishu", "what": "calls", "used": 7000, "limit": 10000, "forecast": 7241, "out": False, "short": False},
        {"platform": "feishu", "what": "calls", "used": 10, "limit": 0, "forecast": 20, "out": True, "short": True},
    ],
    "reply/over_quota": [{}],
    "reply/over_quota_told": [{}],
    "reply/refuse_no_decks": [{}],
    "reply/refuse_no_deck": [{"words": "手册", "names": ["产品册", "老客户成功案例"]}],
    "reply/material_words": [{"name": "白皮书", "sender": "李娜", "url": "https://bot.example.cn/material/Zk3"}],
    "reply/signing_withdrawn": [{"what": "设备验收单"}],
    "reply/signature_late": [{"what": "设备验收单", "name": "王建国"}],
    "reply/refuse_nothing_to_sign": [{}],
    "reply/refuse_no_signing": [{}],
    "reply/refuse_signing_over": [{"state": "signed"}, {"state": "withdrawn"}],
    "reply/refuse_no_materials": [{"tags": ["白皮书", "资料"]}],
    "reply/refuse_material_for_whom": [{"name": "白皮书"}],
    "reply/refuse_no_sandbox": [{}],
    "reply/refuse_sandbox_for_whom": [{}],
    "reply/refuse_several_decks": [{"names": ["产品册 A", "产品册 B"]}],
    "reply/stranger_told": [{"platform": "feishu", "user": "ou_1"}],
    "reply/link_code": [{"code": "01234567", "minutes": 10, "platforms": ["wecom", "feishu"]}],
    "reply/linked": [{"name": "李娜", "platform": "feishu"}],
    "reply/linked_elsewhere": [{"name": "李娜", "platform": "dingtalk"}],
    "reply/member_left": [
        {"name": "李娜", "id": "E001", "at": AT, "moved": 2, "to": "王浩", "left": [], "count": 0, "again": False},
        {"name": "李娜", "id": "E001", "at": AT, "moved": 0, "to": "", "left": ["华强电子"], "count": 1, "again": False},
        {"name": "李娜", "id": "E001", "at": AT, "moved": 0, "to": "", "left": [], "count": 0, "again": False},
        {"name": "李娜", "id": "E001", "at": AT, "moved": 0, "to": "", "left": [], "count": 0, "again": True},
    ],
    "reply/handed_over": [
        {"to": "王浩", "names": ["华强电子", "恒达机电"], "count": 2, "mine": False},
        {"to": "王浩", "names": ["华强电子"], "count": 30, "mine": True},
    ],
    "reply/refuse_link_here": [{}],
    "reply/refuse_link_known": [{}],
    "reply/refuse_link_all": [{}],
    "reply/refuse_link_code": [{}],
    "reply/refuse_link_taken": [{"platform": "wecom"}],
    "reply/refuse_no_member": [{"words": "张三"}],
    "reply/refuse_several_members": [{"words": "张三", "ids": ["E001", "E002"]}],
    "reply/refuse_own_leave": [{}],
    "reply/refuse_no_successor": [{"name": "王浩"}],
    "reply/refuse_nothing_to_hand_over": [{"words": "王浩"}],
    "reply/welcome": [{"name": "王强", "rep": True, "lines": ["位置：用来核对"]}, {"name": "李总", "rep": False, "lines": []}],
    "reply/filed": [{"customer": "华强", "papers": ["主机厂技术对接纪要"]}],
    "reply/refuse_no_paper": [{"words": "合同", "papers": ["主机厂技术对接纪要"]}, {"words": "合同", "papers": []}],
    "reply/papers": [
        {"customer": "华强", "papers": []},
        {
            "customer": "华强",
            "papers": [
                {"name": "主机厂技术对接纪要", "state": state, "due": "2026-11-23T06:05:09.000Z" if state != "open" else ""}
                for state in ("filed", "open", "due", "red", "overdue")
            ],
        },
    ],
    "reply/consent": [{"lines": ["位置：用来核对", "照片：作为证明"]}],
    "reply/consent_given": [{"purposes": ["位置", "照片"]}],
    "reply/consent_withdrawn": [{"purposes": ["位置"], "place": True}, {"purposes": ["照片"], "place": False}],
    "reply/no_consent": [{"purpose": "location", "why": "withdrawn"}, {"purpose": "photo", "why": "missing"}],
    "card/consent": [{"purposes": ["位置", "照片"]}],
    "reply/joined": [{"chat": "feishu:oc_south"}],
    "reply/private_only": [{}],
    "reply/watermark": [
        {
            "at": "2026-11-23T06:05:09.000Z",
            "rep": "李娜",
            "customer": "华强电子",
            "point": {"lat": 22.5, "lng": 114.0, "datum": "gcj02"},
            "distance_m": 48.0,
            "device": "ab12",
            "record": "a_1",
        },
        {
            "at": "2026-11-23T06:05:09.000Z",
            "rep": "李娜",
            "customer": "华强电子",
            "point": None,
            "distance_m": None,
            "device": "",
            "record": "a_1",
        },
    ],
    "reply/import_asked": [{"name": "订单.xlsx"}],
    "reply/import_going": [{"name": "订单.xlsx", "rows": 200_000}],
    "reply/import_done": [
        {
            "name": "订单.xlsx",
            "kind": "orders",
            "accepted": 1200,
            "unchanged": 0,
            "refused": 60_000,
            "most": 50_000,
            "listed": [{"row": 2, "reason": "金额不是金额"}],
        },
        {"name": "订单.xlsx", "kind": "orders", "accepted": 1200, "unchanged": 3, "refused": 0, "most": 50_000, "listed": []},
    ],
    "reply/import_failed": [{"name": "订单.xlsx", "why": "文件是空的"}],
    "reply/dossier_asked": [{"customer": "华强", "period": ""}, {"customer": "华强", "period": "2026Q1"}],
    "reply/dossier_failed": [{"customer": "华强", "why": "磁盘已满"}],
    "card/pilot": [{"id": "south", "name": "华南", "live": live, "chat": chat} for live in (True, False) for chat in (True, False)],
    "reply/pilot_asked": [{"name": "华南", "live": live, "same": same} for live in (True, False) for same in (True, False)],
    "reply/pilot": [{"name": "华南", "live": live, "why": why} for live in (True, False) for why in ("", "没有权限")],
    "card/survey": [{"survey": "2026-11", "base": "https://bot.example.cn", "closes": "2026-11-30T10:00:00+08:00"}],
    "card/report": [
        {
            "title": "华南 过程健康周报",
            "period": "2026-11-16 至 2026-11-22",
            "key": "2026-W47",
            "month": "2026-11",
            "rate": rate,
            "done": 9,
            "quota": 12,
            "explained": 1,
            "unexplained": 2,
            "raised": raised,
            "false_alarms": 1,
            "open": 2,
            "whole": rate,
            "actions": 41,
            "minutes": minutes,
            "taps": minutes,
            "recorded": raised,
            "submitted": raised,
            "first": not raised,
            "empty": not raised,
            "survey": survey,
            "forecast": {"month": "2026-10", "whole": {"said_words": "30 万", "actual_words": "24 万", "deviation": rate}}
            if survey
            else None,
        }
        for rate, raised, minutes, survey in (
            (0.75, 3, 6.43, {"month": "2026-10", "invited": 11, "answers": 9, "result": {"good": 7, "fair": 1, "bad": 1}}),
            (None, 0, None, {"month": "2026-10", "invited": 11, "answers": 2, "result": None}),
            (1.0, 1, 0.0, None),
        )
    ],
    "reply/export_asked": [{}],
    "reply/export_failed": [{"why": "磁盘空间不够"}],
    "card/export_made": [
        {
            "entries": 840,
            "originals": 198,
            "damaged": damaged,
            "megabytes": "61.5",
            "id": "ex_1",
            "url": "https://bot.example.cn/export/ex_1",
            "hours": 24,
        }
        for damaged in (0, 2)
    ],
    "card/dossier_made": [
        {
            "customer": "华强",
            "stamps": ["tsa"],
            "missing": 0,
            "entries": 84,
            "files": 198,
            "megabytes": "0.6",
            "id": "do_1",
            "url": "https://bot.example.cn/dossier/do_1",
            "days": 7,
        },
        {
            "customer": "华强",
            "stamps": [],
            "missing": 2,
            "entries": 84,
            "files": 198,
            "megabytes": "0.6",
            "id": "do_1",
            "url": "https://bot.example.cn/dossier/do_1",
            "days": 7,
        },
    ],
    "card/checkpoint": [
        {
            "day": "2026-11-26",
            "origin": "salestrace.ledger/ab",
            "size": "12345",
            "root": "CsUYapGGPo4=",
            "signature": "— salestrace.ledger/ab Az3grl",
        }
    ],
    "reply/copies_wrong": [{"names": ["originals/ab/abcd"], "more": 0}, {"names": ["originals/ab/abcd"], "more": 3}],
    "reply/unsafe": [{"what": "inbox", "hours": 1}, {"what": "copies", "hours": 24}],
    "reply/refuse_admins_only": [{}],
    "reply/backup": [
        {"on": False, "done": 0, "waiting": 0, "oldest": "", "problem": "", "checked": "", "inbox": ""},
        {
            "on": True,
            "done": 9,
            "waiting": 2,
            "oldest": "2026-11-23T06:05:09.000Z",
            "problem": "Unexpected",
            "checked": "2026-11-23T06:05:09.000Z",
            "inbox": "2026-11-23T06:05:09.000Z",
        },
    ],
    "reply/unsealable": [{"problem": "系统时钟早于已经记下的时间, 校准之前不再签署"}],
    "reply/config_received": [{}],
    "reply/config_problems": [
        {"problems": ["config.toml:3: 未知的键 foo"], "first": True, "count": 2},
        {"problems": ["config.toml:9: 必须填写"], "first": False, "count": 2},
    ],
    "reply/config_same": [{}],
    "reply/config_diff": [
        {"lines": ["不活跃提醒 72 小时 → 48 小时"], "first": True, "last": True, "days": 30},
        {"lines": ["到场 围栏半径 500 米 → 300 米"], "first": False, "last": False, "days": 30},
    ],
    "reply/config_waits": [{"admins": ["方宁"]}, {"admins": []}],
    "reply/config_going": [{"undo": False}, {"undo": True}],
    "reply/config_dropped": [{}],
    "reply/refuse_config_stale": [{}],
    "reply/refuse_config_own": [{}],
    "reply/refuse_config_settled": [{"state": state} for state in ("sent", "checked", "shown", "applied", "undone", "stale")],
    "card/config": [
        {**PROPOSED, "effect": {"days": 30, "more": 37, "fewer": 2, "people": 9}, "two": False},
        {**PROPOSED, "effect": {"days": 30, "more": 0, "fewer": 0, "people": 0}, "two": True, "rest": 4},
        {**PROPOSED, "effect": {}, "two": False},
    ],
    "card/config_applied": [
        {**PROPOSED, "state": "applied", "restart": ["server"]},
        {**PROPOSED, "state": "undone", "restart": [], "lines": []},
    ],
    "card/config_spent": [{"state": "applied"}, {"state": "undone"}],
    "reply/config_effect": [
        EFFECT,
        {
            **EFFECT,
            "to": "",
            "fewer": 3,
            "sooner": 3,
            "later": 1,
            "after": 152,
            "rest": 12,
            "rules": EFFECT["rules"] * 2,
            "left_out": ["标准话术（laser-script）"],
        },
        {**EFFECT, "more": 0, "people": 0, "rules": [], "listed": []},
    ],
    "reply/config_broken": [{"problems": ["config.toml:3: 未知的键 foo"], "more": 2}, {"problems": ["config.toml:3: 未知的键"], "more": 0}],
    "reply/refuse_no_customer": [{"words": "恒大", "similar": ["恒达机电", "华强电子"]}, {"words": "恒大", "similar": []}],
    "reply/refuse_several_customers": [{"names": ["华强一厂", "华强二厂"]}],
    "reply/refuse_no_own_customers": [{}],
    "reply/refuse_no_visit": [{}],
    "reply/refuse_no_visit_to_end": [{}],
    "reply/refuse_nothing_to_withdraw": [{"minutes": 30}],
    "reply/refuse_stale_button": [{}],
    "reply/refuse_page_over": [{}],
    "reply/refuse_same_stage": [{"stage": "方案演示"}],
    "reply/refuse_nothing_to_correct": [{}],
    "reply/refuse_too_late_to_correct": [{"minutes": 30, "id": "a_1"}],
    "reply/refuse_jump_by_correction": [{"stage": "合同签署", "before": "商务谈判"}],
    "reply/refuse_directors_only": [{}],
    "reply/refuse_no_record": [{"id": "a_1"}],
    "reply/refuse_withdrawn_record": [{}],
    "reply/refuse_no_file": [{}],
    "reply/refuse_own_approval": [{}],
    "reply/refuse_not_your_region": [{}],
    "reply/refuse_not_your_alert": [{}],
    "reply/refuse_nobody_near": [{}],
    "reply/refuse_no_region": [{"words": "火星", "regions": ["华南", "华东"]}, {"words": "火星", "regions": []}],
}
CARDS: Samples = {
    "card/visit_started": [STARTED, {**STARTED, "check": None}, {**STARTED, "check": NOWHERE, "records": "", "page": ""}],
    "card/visit_continues": [STARTED, {**STARTED, "check": None}, {**STARTED, "check": NOWHERE, "records": "", "page": ""}],
    "card/choose_customer": [{"why": why, "customers": CUSTOMERS} for why in ("start", "many", "near", "stage", "evidence", "go")],
    "card/jump": [{"stage": "合同签署", "before": "商务谈判", "arg": "sign", "customer": "华强电子"}],
    "reply/ask_card": [{"customer": "华强电子"}],
    "reply/refuse_no_ocr": [{}],
    "card/business_card": [
        {"evidence": "e_1", "customer": "华强电子", "name": name, "title": title, "phone": phone, "done": done}
        for name, title, phone, done in (("赵明", "CTO", "13800001111", ""), ("赵明", "", "", "已登记：赵明"), ("", "", "", ""))
    ],
    "card/scenes": [{"customer": "华强电子", "scenes": [{"id": "price_objection", "name": "报价异议处理"}]}],
    "card/draft": [
        {
            "customer": "华强电子",
            "scene": "报价异议处理",
            "text": "【预算】还没有批",
            "evidence": "e_1",
            "keywords": ["预算"],
            "state": state,
        }
        for state in ("draft", "submitted", "expired")
    ],
    "card/title": [{"title_id": "C001:CTO", "title": "CTO", "customer": "华强电子", "at": AT, "done": done} for done in ("", "已忽略")],
    "card/stage": [
        STAGE,
        {**STAGE, "opened": False, "records": "", "kinds": [{"id": "executive_visit", "name": "高层拜访"}]},
        {**STAGE, "complete": True, "come": [], "place": "online", "check_in": False, "override": "总部已谈好"},
    ],
    "card/received": [
        RECEIVED,
        {**RECEIVED, **EVERY_REMEDY, "state": "quarantined", "items": [{**PHOTO, "state": "quarantined", "reasons": [REASON]}]},
        {**RECEIVED, "state": "counted", "items": [PHOTO], "complete": True, "closing": GAPS},
        {**RECEIVED, "state": "counted", "items": [PHOTO], "complete": True, "come": [], "end": True},
        {**RECEIVED, "state": "pending", "items": [PHOTO], "name": "", "come": [], "stages": STAGES},
        {**RECEIVED, "state": "lost", "late": True, "come": []},
    ],
    "card/closing_sign": [{"arg": "v_1", "customer": "华强电子", "required": required} for required in (True, False)],
    "reply/sign_noted": [
        {"customer": "华强电子", "seen": seen, "open": open_, "already": False}
        for seen, open_ in ((True, False), (False, False), (False, True))
    ]
    + [{"customer": "", "seen": True, "open": False, "already": True}],
    "card/check": [
        {"customer": "华强电子", "check": {**CHECK, "state": state}, "records": "外出打卡", "page": "", **remedies}
        for state in ("passed", "waiting", "refused")
        for remedies in (NO_REMEDY, EVERY_REMEDY)
    ]
    + [{"customer": "华强电子", "check": NOWHERE, "records": "外出打卡", "page": "https://bot.example.cn/visit/v_1", **NO_REMEDY}],
    "card/departure": [
        {"customer": "华强电子", "at": AT, "late": late, "battery": battery, "stages": [], "check": {**CHECK, "state": state}, **remedies}
        for state, remedies, late, battery in (
            ("passed", NO_REMEDY, "", 83.0),
            ("waiting", NO_REMEDY, AT, None),
            ("refused", EVERY_REMEDY, "", 5.0),
        )
    ]
    + [{"customer": "华强电子", "at": AT, "late": "", "battery": None, "stages": STAGES, "check": NOWHERE, **NO_REMEDY}],
    "card/approval": [
        APPROVAL,
        {**APPROVAL, "what": "check", "distance_m": None, "device": ""},
        {**APPROVAL, "what": "item", "distance_m": None, "device": ""},
        {**APPROVAL, "what": "site", "done": "已同意 · 李总"},
    ],
    "card/alert": ALERTS,
    "card/coverage": [
        {"month": "2026-11", "region": "华南", "rows": [ROW, ROW], "quota": 12, "done": 9, "rate": 0.75, "url": BOARD},
        {"month": "2026-11", "region": "华南", "rows": [], "quota": 0, "done": 0, "rate": None, "url": BOARD},
    ],
    "card/funnel": [
        {"month": "2026-11", "region": "华南", "steps": [STEP, {**STEP, "last": True}], "claims": 2, "claims_url": BOARD, "url": BOARD},
        {"month": "2026-11", "region": "华南", "steps": [{**STEP, "reached": 0}], "claims": 0, "claims_url": BOARD, "url": BOARD},
    ],
    "card/deals": [
        {
            "month": "2026-11",
            "region": "华南",
            "url": BOARD,
            "count": 1,
            "stale": 2,
            "signed": 5,
            "overdue": 3,
            "collected": 0.5,
            "deals": [{"customer": "华强电子", "deal": "D1", "untouched": 20, "overdue": 91, "yuan": 1234.5}],
        },
        {
            "month": "2026-11",
            "region": "华南",
            "url": BOARD,
            "count": 0,
            "stale": 0,
            "signed": 0,
            "overdue": 0,
            "collected": None,
            "deals": [],
        },
    ],
    "card/board": [
        {
            "month": "2026-11",
            "region": "华南",
            "url": BOARD,
            "rate": 0.75,
            "done": 9,
            "quota": 12,
            "unexplained": 2,
            "lights": lights,
            "false_alarms": 1,
            "raised": 4,
            "actions": 30,
            "no_photo": 0.1,
            "no_place": None,
            "no_summary": 0.3,
            "minutes": minutes,
        }
        for lights, minutes in ((3, 4.25), (0, None))
    ],
    "card/deck": [
        {"name": "产品册", "pages": 12, "customer": "华强电子", "url": "https://bot.example.cn/deck/p_1"},
        {"name": "产品册", "pages": 12, "customer": "", "url": "https://bot.example.cn/deck/p_1"},
    ],
    "card/deck_result": [
        {"name": "产品册", "customer": "华强电子", "seconds": 85.5, "of": 2, "items": [PHOTO], "pages": [{"page": 1, "seconds": 85.5}]},
        {"name": "产品册", "customer": "", "seconds": 0.0, "of": 2, "items": [], "pages": []},
    ],
    "card/signature": [
        {**SIGNATURE, "file": None},
        {**SIGNATURE, "file": {"kind": "file", "name": "验收单.pdf", "at": AT}},
        {**SIGNATURE, "file": {"kind": "photo", "name": "", "at": AT}},
    ],
    "card/signed": [
        {**SIGNED, "items": [PHOTO], "stage": "合同签署", "come": [], "complete": True, "typed": False},
        {**SIGNED, "items": [VOICE], "stage": "方案演示", "come": COME, "complete": False, "typed": True},
        {**SIGNED, "items": [], "stage": "", "come": [], "complete": False, "typed": False},
    ],
    "card/choose_material": [{"customer": "华强电子", "decks": [{"name": "白皮书", "arg": "dk_1:C001"}]}],
    "card/material": [
        {**MATERIAL, "recipient": "王工", "pages": 12, "until": AT, "seen": MATERIAL["url"]},
        {**MATERIAL, "recipient": "", "pages": 12, "until": AT, "seen": MATERIAL["url"]},
    ],
    "card/material_opened": [{**MATERIAL, "recipient": "王工", "at": AT}, {**MATERIAL, "recipient": "", "at": AT}],
    "card/material_read": [
        {**MATERIAL, "recipient": "王工", "seconds": 85.5, "of": 2, "pages": [{"page": 1, "seconds": 85.5}], "downloads": 1},
        {**MATERIAL, "recipient": "", "seconds": 0.0, "of": 2, "pages": [], "downloads": 0},
    ],
    "card/sandbox": [{"customer": "华强电子", "url": "https://try.example.cn", "until": AT, "days": 14}],
    "card/alerts": [{"alerts": ALERTS[:6], "count": 6, "saving": True}, {"alerts": [ALERT], "count": 1, "saving": False}],
    "card/alert_owner": ALERTS,
}
SAMPLES: Samples = {**PARTS, **REPLIES, **CARDS}

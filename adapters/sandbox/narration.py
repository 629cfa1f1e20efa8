"""The product's story lines in plain Chinese, for the page and the terminal."""

import logging
import re

from adapters.sandbox.company import Company

WORDS = {
    "wecom": "企业微信",
    "feishu": "飞书",
    "dingtalk": "钉钉",
    "internal": "系统",
    "text": "文字",
    "image": "照片",
    "voice": "语音",
    "location": "位置",
    "position": "上报定位",
    "checkin": "外出打卡",
    "menu": "菜单",
    "tap": "按钮",
    "enter": "打开对话",
    "form": "页面提交",
    "recheck": "重新核对",
    "deck.imported": "讲稿入库",
    "presentation.opened": "打开讲稿",
    "presentation.closed": "讲稿放完",
    "page": "拜访页面",
    "deck": "讲稿放完",
    "deck.close": "讲稿到期",
    "facts.taken": "外部数据入账",
    "fact.stated": "预测入账",
    "import.asked": "收到数据文件",
    "import.ended": "数据文件导入完",
    "mark.set": "客户标签加上",
    "mark.cleared": "客户标签去掉",
    "customer.marks": "客户标签复核",
    "signature.asked": "请客户签字",
    "signature.given": "客户签字入账",
    "signature.withdrawn": "签字链接作废",
    "signature": "客户签字",
    "material.sent": "发出资料",
    "material.opened": "资料打开",
    "material.read": "资料浏览入账",
    "material.downloaded": "资料下载",
    "material.close": "资料看完",
    "sandbox.granted": "开通沙箱",
    "link.offered": "账号验证码",
    "link.taken": "账号关联",
    "person.left": "人员离职",
    "customers.handed": "客户交接",
    "visit.opened": "拜访开始",
    "visit.ended": "拜访结束",
    "visit.timeout": "拜访超时",
    "action.opened": "行动开始",
    "action.judged": "行动判定",
    "action.submitted": "行动提交",
    "action.corrected": "阶段更正",
    "evidence.added": "证据入账",
    "evidence.judged": "证据判定",
    "check.made": "到场核验",
    "check.decided": "到场审批",
    "device.seen": "设备登记",
    "device.decided": "设备审批",
    "site.proposed": "地点提议",
    "site.decided": "地点审批",
    "approval.asked": "请主管批",
    "approval.decided": "主管已批",
    "contact.added": "联系人登记",
    "note.added": "缺口说明",
    "question.asked": "等一句话",
    "alert.raised": "红灯亮起",
    "alert.grown": "红灯加重",
    "alert.moved": "红灯更新",
    "alert.mute": "静默到期",
    "statement.made": "申诉入账",
    "alert.escalated": "红灯升级",
    "alert.escalate": "无人处理",
    "record.viewed": "有人查看记录",
    "config.proposed": "配置送到",
    "config.checked": "配置检查",
    "config.moved": "配置变更",
    "config.applied": "配置生效",
    "document.filed": "文件归档",
    "consent.shown": "告知",
    "consent.given": "同意",
    "consent.withdrawn": "撤回同意",
    "content.erased": "删除记录",
    "master.set": "主数据入账",
    "dossier.asked": "请求出证",
    "dossier.made": "取证包做好",
    "dossier.failed": "取证包没有做成",
    "pilot.asked": "区域上线或停下",
    "report.made": "健康度报告发出",
    "survey.opened": "匿名问卷开始",
    "survey.closed": "匿名问卷结束",
    "export.asked": "请求导出全部",
    "export.made": "全部导出做好",
    "export.failed": "全部导出没有做成",
    "message.received": "原文入账",
    "original.sealed": "原件封存",
    "photo.read": "照片读取",
    "evidence.derived": "副本入账",
    "evidence.signed": "客户标志入账",
    "evidence.heard": "语音转写入账",
    "evidence.unheard": "语音未能转写",
    "evidence.edited": "文字更正入账",
    "evidence.submitted": "录音提交",
    "evidence.expired": "草稿过期",
    "scene.opened": "场景录音",
    "contact.met": "见到联系人",
    "card.sent": "名片入账",
    "card.read": "名片读取",
    "card.answered": "名片已答",
    "title.asked": "询问职务",
    "title.answered": "职务已答",
    "draft.remind": "草稿提醒",
    "draft.expire": "草稿到期",
    "inactive-72h": "72 小时沉默",
    "excess-need": "需求确认过多",
    "short-demo": "演示过短",
}
TOKEN = re.compile(r"\b(?:card|reply)/\w+|\b(?:customer|rep):\w+|(?:visit|alert|action):\w+|[a-z]+(?:[.-][a-z0-9]+)+|[a-z]{3,}")


def telling(record: logging.LogRecord) -> bool:
    """Whether a line says more than what stands on the screens: each reply is read there."""
    return "reply/" not in record.getMessage()


class Plain(logging.Formatter):
    """Puts a line into words: codes by name, customers and reps by theirs."""

    def __init__(self, company: Company) -> None:
        super().__init__("%(message)s")
        self._names = {f"customer:{one.id}": one.alias for one in company.clients} | {f"rep:{one.id}": one.name for one in company.members}

    def format(self, record: logging.LogRecord) -> str:
        line = TOKEN.sub(self._word, record.getMessage())
        return re.sub(r"([^\s,]+)(?:, \1)+(?=,|$)", r"\1", line).replace(", ", "、")

    def _word(self, found: re.Match[str]) -> str:
        token = found[0]
        if "/" in token:
            return "卡片" if token.startswith("card/") else "回复"
        if token.partition(":")[0] in {"visit", "alert", "action"} and ":" in token:
            return ""
        return self._names.get(token) or WORDS.get(token, token)

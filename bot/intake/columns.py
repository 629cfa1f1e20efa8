"""Columns by kind, and the Chinese headers that mean the same (contract)."""

from collections.abc import Mapping

COLUMNS: Mapping[str, frozenset[str]] = {
    "people": frozenset({"id", "name", "role", "region", "wecom", "dingtalk", "feishu", "device", "active", "phone"}),
    "customers": frozenset({"id", "name", "annual_purchase", "owner", "address", "lat", "lng", "datum", "aliases", "industry"}),
    "sites": frozenset({"customer", "name", "lat", "lng", "datum", "radius_m"}),
    "contacts": frozenset({"customer", "name", "title", "role", "phone"}),
}

HEADERS: Mapping[str, str] = {
    "工号": "id",
    "客户编号": "id",
    "姓名": "name",
    "客户名称": "name",
    "名称": "name",
    "地点名称": "name",
    "联系人": "name",
    "角色": "role",
    "决策链角色": "role",
    "区域": "region",
    "大区": "region",
    "企业微信": "wecom",
    "钉钉": "dingtalk",
    "飞书": "feishu",
    "设备": "device",
    "在职": "active",
    "年采购额": "annual_purchase",
    "客户经理": "owner",
    "注册地址": "address",
    "地址": "address",
    "纬度": "lat",
    "经度": "lng",
    "坐标系": "datum",
    "半径": "radius_m",
    "别名": "aliases",
    "行业": "industry",
    "客户": "customer",
    "职务": "title",
    "职位": "title",
    "电话": "phone",
    "手机": "phone",
    "联系方式": "phone",
}

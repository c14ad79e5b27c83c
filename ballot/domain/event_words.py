"""The event log in words: what each action and each detail is called.

A new action gets its word here in the same change; a test holds the code against this table.
"""

from collections.abc import Mapping
from typing import Any, Final

from ballot.domain.hand_outs import Handed
from ballot.domain.jobs import Work
from ballot.domain.paper_votes import Mode
from ballot.domain.people import Role
from ballot.language import N_, Text

ACTION_WORDS: Final[Mapping[str, str]] = {
    "account changed": N_("修改账号"),
    "account ended": N_("停用账号"),
    "account made": N_("新建账号"),
    "adjustment recorded": N_("记录加减分"),
    "adjustment withdrawn": N_("撤回加减分"),
    "approval withdrawn": N_("撤回审定"),
    "archive exported": N_("导出归档"),
    "backup begun": N_("开始备份"),
    "backup restored": N_("恢复备份"),
    "ballot voided": N_("作废一张损坏的票"),
    "ballots printed": N_("印票"),
    "batch voided": N_("整批作废"),
    "closing begun": N_("停止投票"),
    "comments moderated": N_("审核意见"),
    "comments published": N_("发布意见"),
    "comments withdrawn": N_("撤回意见的发布"),
    "confirmation asked": N_("提出双人确认"),
    "confirmation given": N_("确认"),
    "confirmation refused": N_("拒绝确认"),
    "confirmation withdrawn": N_("撤回确认请求"),
    "cycle copied": N_("照上年建考核周期"),
    "cycle created": N_("新建考核周期"),
    "cycle removed": N_("删除考核周期"),
    "cycle renamed": N_("考核周期改名"),
    "decision withdrawn": N_("撤回同分裁定"),
    "delivery withdrawn": N_("撤回送达记录"),
    "discretion recorded": N_("记录酌情分"),
    "download begun": N_("开始下载"),
    "download discarded": N_("删除没有下载的文件"),
    "download finished": N_("下载完成，文件已删除"),
    "figures entered": N_("录入分数"),
    "hand-out withdrawn": N_("撤回发票登记"),
    "job asked": N_("提交任务"),
    "job cancelled": N_("取消任务"),
    "kiosk opened": N_("开代填"),
    "kiosk shut": N_("收回代填链接"),
    "notice published": N_("发布公示"),
    "notice withdrawn": N_("撤下公示"),
    "offices assigned": N_("线办分工"),
    "paper pile counted": N_("清点纸质票"),
    "paper pile reopened": N_("补登记纸质票"),
    "paper votes cancelled": N_("撤销纸质票"),
    "paper votes declared": N_("登记有纸质票"),
    "paper entry begun": N_("开始录入纸质票"),
    "paper entry finished": N_("录完一遍纸质票"),
    "paper votes taken over": N_("纸质票计入结果"),
    "password changed": N_("更换密码"),
    "poll annulled": N_("作废测评活动"),
    "poll changed": N_("修改了草稿"),
    "poll closed": N_("投票结束，计票完成"),
    "poll copied": N_("复制测评活动"),
    "poll created": N_("新建测评活动"),
    "poll deleted": N_("删去了草稿"),
    "poll opened": N_("开始投票"),
    "poll published": N_("公布结果"),
    "rehearsal made": N_("建立演练"),
    "rehearsal wiped": N_("清除演练"),
    "roster counted": N_("按名单统计人数"),
    "result certified": N_("认定结果"),
    "reveal begun": N_("开始揭晓"),
    "reveal order set": N_("设定揭晓次序"),
    "scheme changed": N_("修改考核方案"),
    "review answered": N_("答复复核"),
    "review recorded": N_("登记复核申请"),
    "review withdrawn": N_("撤回复核申请"),
    "screen key made": N_("新建大屏钥匙"),
    "screen key revoked": N_("停用大屏钥匙"),
    "slips handed out": N_("登记发票"),
    "standing approved": N_("记录审定"),
    "tie decided": N_("记录同分裁定"),
    "token made": N_("新建令牌"),
    "token revoked": N_("停用令牌"),
    "traces scrubbed": N_("清除投票痕迹"),
    "unit removed": N_("删除单位"),
    "unit renamed": N_("单位改名"),
    "units added": N_("添加单位"),
    "units described": N_("修改单位"),
    "veto recorded": N_("记录一票否决"),
    "veto withdrawn": N_("撤回一票否决"),
    "voiding refused": N_("作废被拒绝"),
    "written notices delivered": N_("登记书面通知送达"),
}
DETAIL_WORDS: Final[Mapping[str, str]] = {
    "asked_by": N_("提出人账号"),
    "asker_name": N_("提出人"),
    "batch": N_("批次"),
    "before": N_("原名"),
    "box": N_("流动票箱"),
    "boxes": N_("各流动票箱"),
    "changed": N_("改动"),
    "comments": N_("意见条数"),
    "count": N_("份数"),
    "cycle": N_("考核周期"),
    "decided": N_("审核条数"),
    "days": N_("天数"),
    "figures": N_("分数个数"),
    "full_name": N_("姓名"),
    "group": N_("类别"),
    "held_on": N_("会议日期"),
    "invalid": N_("无效"),
    "issued": N_("发出"),
    "job": N_("任务编号"),
    "kind": N_("单位类别"),
    "made_at": N_("备份时间"),
    "masked": N_("其中有遮盖"),
    "meeting": N_("会议"),
    "mode": N_("录入办法"),
    "name": N_("账号名"),
    "number": N_("编号"),
    "offices": N_("线办"),
    "papers": N_("纸质票"),
    "set_aside": N_("另存（已用手机投过）"),
    "settled": N_("裁定的差异"),
    "tellers": N_("计票人"),
    "hand": N_("第几遍"),
    "persons": N_("人数"),
    "poll": N_("测评活动"),
    "printed": N_("印制"),
    "reason": N_("理由"),
    "replaced": N_("换发"),
    "request": N_("请求编号"),
    "returned": N_("收回"),
    "role": N_("角色"),
    "rules_hash": N_("规则校验值"),
    "schema": N_("结构版本"),
    "scheme": N_("方案"),
    "scopes": N_("权限"),
    "scrutineer": N_("监票人"),
    "section": N_("测评表"),
    "settings": N_("设置"),
    "sha256": N_("校验值"),
    "shown": N_("公布条数"),
    "slips": N_("张数"),
    "spares": N_("备用"),
    "start_on": N_("开始日期"),
    "temporary": N_("临时密码"),
    "title": N_("标题"),
    "token": N_("令牌"),
    "told_on": N_("送达日期"),
    "unit": N_("单位"),
    "units": N_("单位"),
    "value": N_("值"),
    "voided": N_("作废的票"),
    "way": N_("方式"),
    "withheld": N_("不公布条数"),
    "what": N_("操作"),
    "work": N_("任务"),
}
_WHAT_WORDS: Final[Mapping[str, str]] = {
    "open": N_("开始投票"),
    "close": N_("提前结束投票"),
    "certify": N_("认定结果"),
    "annul": N_("作废测评活动"),
    "void batch": N_("整批作废"),
}

_KINDS: Final[Mapping[str, type[Handed] | type[Mode] | type[Role] | type[Work]]] = {
    "what": Handed,
    "mode": Mode,
    "role": Role,
    "work": Work,
}
"""Details whose values know their own words."""


def action_text(action: str) -> Text:
    """Return an action in words; one that this version does not know is its own word."""
    return Text(ACTION_WORDS.get(action, action.replace("%", "%%")))


def detail_texts(details: Mapping[str, Any]) -> list[Text]:
    """Return an entry's details but its poll, each as its name and its value."""
    return [
        Text("%(name)s：%(value)s", name=Text(DETAIL_WORDS.get(key, key)), value=_value(key, value))
        for key, value in details.items()
        if key != "poll" and value not in ("", None, [])
    ]


def _value(key: str, value: Any) -> object:
    kind = _KINDS.get(key)
    if kind is not None and value in set(kind):
        return kind(value).text
    if key == "what":
        return Text(_WHAT_WORDS.get(value, str(value).replace("%", "%%")))
    if isinstance(value, bool):
        return Text("是") if value else Text("否")
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, dict):
        return "，".join(f"{name}={each}" for name, each in value.items())
    return value

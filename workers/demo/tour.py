"""What to look at first, for each role, in both languages; printed when the demo is ready."""

from __future__ import annotations

from typing import Final

from domain.text import Text
from workers.demo.seeding import logins

_ROLES: Final = (
    (
        ("ellie", "lin"),
        Text(en="Support (five minutes)", zh="客服（五分钟）"),
        (
            Text(
                en="Ostrow & Finch, charged twice: nobody has taken it. Watch ▲ due soon turn into "
                "■ overdue, then take it and acknowledge it.",
                zh=(
                    "Ostrow & Finch 重复收费：还没人接单。"
                    "先看 ▲ 临期变成 ■ 超期，再接单、确认告知。"
                ),
            ),
            Text(
                en="Gareth Pellow, account blocked: our promise rests while he looks for the will, "
                "the limit of the law runs on beside it. He wants letters only.",
                zh="Gareth Pellow 账户冻结：等客户找遗嘱时服务时限暂停，法定时限照走。他只收信件。",
            ),
            Text(
                en="Gareth Pellow, card: he accepted at the counter today. Write the answer by "
                "letter, pull it back once, write it again and mark it as posted.",
                zh="Gareth Pellow 银行卡寄错：今天已在柜台认可。写好答复信，撤回一次，"
                "再写一次并标记已寄出。",
            ),
            Text(
                en="As lin, in Chinese: Mei Hanlu's exchange rate, reopened yesterday. The first "
                "resolution stays fulfilled, the total runs on.",
                zh="用 lin 登录（中文）：梅含露的汇率投诉昨天重新办理。首次办结保留，总时限继续。",
            ),
        ),
    ),
    (
        ("song",),
        Text(en="Compliance", zh="合规"),
        (
            Text(
                en="Heron Steps, noisy minibars: the first reply broke its promise; the breach "
                "stands, the excuse stands beside it.",
                zh="鹭阶酒店迷你吧噪音：首次答复超期；超期事实保留，免责另记一笔。",
            ),
            Text(
                en="Jiang Suo, fund fee: the branch manager is named in it. Log in as wei: the "
                "case is not there.",
                zh="江索理财费用：支行负责人被点名并回避。用 wei 登录看：这个案件不存在。",
            ),
            Text(
                en="The marketing calls of a person who was erased five days ago: no name, all "
                "facts and numbers.",
                zh="营销电话一案：客户资料五天前已删除，姓名没有了，事实和编号都在。",
            ),
        ),
    ),
    (
        ("priya",),
        Text(en="Team lead", zh="班组长"),
        (
            Text(
                en="The notice about the case that nobody took.",
                zh="没人接单的案件升级后的通知。",
            ),
            Text(
                en="Mei Hanlu, insurance she did not ask for: fang asks for more time. Approve it; "
                "the limit moves when the letter has left.",
                zh="梅含露保险搭售：方屿申请延期。审批后，信发出时时限才会改变。",
            ),
            Text(
                en="dayo can carry two cases and has two: assign him a third and read why not.",
                zh="达约最多办两件，已满：再派一件，看看为什么不行。",
            ),
        ),
    ),
)


def tour() -> str:
    """Who may log in, and the tour of each role."""
    everybody = logins()
    widest = max(len(each.name.en) for each in everybody)
    lines = ["Who may log in 登录账号", ""]
    for each in everybody:
        entities = ", ".join(each.entities)
        lines.append(
            f"  {each.login:<6} {each.password:<12} {each.name.en:<{widest}}  {each.name.zh}  "
            f"{each.role} · {entities}"
        )
    for names, title, stops in _ROLES:
        lines += ["", f"{title.en} {title.zh}: {', '.join(names)}"]
        for number, stop in enumerate(stops, 1):
            lines += [f"  {number}. {stop.en}", f"     {stop.zh}"]
    return "\n".join(lines)

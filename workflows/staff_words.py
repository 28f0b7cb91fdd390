"""What letters to colleagues say, in both languages; they hold nothing of a customer."""

from __future__ import annotations

from typing import Final

from domain.text import Language, Text

ESCALATED: Final = (
    Text(en="$number: “$clock” is overdue", zh="$number：“$clock”已超期"),
    Text(
        en=(
            "Case $number has gone past a time limit: “$clock” is overdue since $since.\n\n"
            "You get this letter as $role for this case, or because you stand in for one.\n\n"
            "The case: $link\n\n"
            "It stays among your notices until it is settled.\n"
        ),
        zh=(
            "投诉 $number 已超期：“$clock”自 $since 起超期。\n\n"
            "您收到此邮件，因为您是该投诉的$role，或正在代理其职务。\n\n"
            "投诉页面：$link\n\n"
            "在处理完毕之前，它会一直保留在您的消息中。\n"
        ),
    ),
)
"""Subject and body; places: number, clock, since, role, link."""

CARRIED_OVER: Final = (
    Text(en="Open cases carried over: $open", zh="已转入在办投诉：$open 件"),
    Text(
        en=(
            "Open cases were carried over from another system:\n\n"
            "$lines\n\n"
            "No customer was written to, and their letters are held until a release is approved. "
            "You get this one letter for all of them.\n\n"
            "The cases: $link\n"
        ),
        zh=(
            "以下在办投诉已从其他系统转入：\n\n"
            "$lines\n\n"
            "系统未向任何客户发信；在批准放行之前，相关信函均予暂存。"
            "所有投诉均以此一封邮件告知您。\n\n"
            "投诉列表：$link\n"
        ),
    ),
)
"""Subject and body; places: open, lines, link."""

OWN_LINE: Final = Text(
    en="– yours: $open, of which $broken past a time limit",
    zh="– 由您负责：$open 件，其中 $broken 件已超期",
)
TEAM_LINE: Final = Text(
    en="– $team, without an owner: $open, of which $broken past a time limit",
    zh="– $team，尚无负责人：$open 件，其中 $broken 件已超期",
)

CLOCKS: Final = {
    "ack": Text(en="Acknowledge", zh="确认告知"),
    "first_reply": Text(en="First reply", zh="首次回复"),
    "next_reply": Text(en="Next reply", zh="后续回复"),
    "update": Text(en="Next update to customer", zh="向客户通报进展"),
    "resolution": Text(en="Resolve", zh="解决"),
    "total_resolution": Text(en="Resolve, reopenings counted", zh="总解决时间（含重新办理）"),
    "final_response": Text(en="Final answer", zh="最终答复"),
    "acknowledgement": Text(en="Acknowledgement", zh="确认告知函"),
    "acceptance": Text(en="Accept or decline", zh="受理决定"),
    "payment_response": Text(en="Answer on the payment", zh="支付事项答复"),
    "summary_resolution": Text(en="Resolve with a summary letter", zh="简要函解决"),
    "odr_settlement": Text(en="Settle with the customer", zh="与消费者自行和解"),
    "authority_mediation": Text(en="Mediation by the authority", zh="行政机关调解"),
}
"""What the desk calls them too."""

ROLES: Final = {
    "agent": Text(en="support", zh="客服"),
    "customer_success": Text(en="customer success", zh="客户成功"),
    "team_lead": Text(en="team lead", zh="班组长"),
    "sales": Text(en="sales", zh="销售"),
    "retention": Text(en="keeping customers", zh="客户挽留"),
    "compliance": Text(en="compliance", zh="合规"),
    "dpo": Text(en="data protection", zh="个人信息保护"),
    "admin": Text(en="administration", zh="系统管理"),
    "auditor": Text(en="auditor", zh="审计"),
}


def clock_words(clock: str, language: Language) -> str:
    """``first_reply/2`` as "First reply"; a company's own clocks by the name they have."""
    name = clock.partition("/")[0]
    return CLOCKS[name].in_(language) if name in CLOCKS else name.replace("_", " ")


def role_words(role: str, language: Language) -> str:
    return ROLES[role].in_(language) if role in ROLES else role.replace("_", " ")

"""The complaints of Larkmere Bank in China: C2, C8 and C10."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.approval import AskApproval, Extension, GrantApproval, Money
from domain.complaint_wishes import CloseComplaint, GiveSatisfaction, NameColleague, ReopenComplaint
from domain.conversation import AddNote, ReplyToCustomer
from domain.personal import Personal
from domain.proposal import (
    AcceptProposal,
    OfferProposal,
    ProposeResolution,
    RecordPayment,
    TellDecision,
)
from workers.demo.case import Case
from workers.demo.telling import Telling, stream_of

EXCHANGE_LOSS: Final = Money.model_validate({"amount": "860.00", "currency": "CNY"})


def sold_unasked(telling: Telling) -> Case:
    """C2: fang asks for the extension to 30 days, priya has not decided yet."""
    case = Case(telling, "C2", "K1")
    cn = case.moments
    case.lodge(
        "fang",
        cn.d(13, "09:40"),
        "app",
        product="loan",
        category="sold_unasked",
        what="办贷款时没有人告诉我要买保险，放款后才发现每月多扣 96 元。我没有在投保单上签过字。",
        remedy="退还已扣的保费，取消保险。",
    )
    case.assign("fang", case.soon(0.5))
    case.acknowledge("fang", case.soon(1), "app")
    case.assess("fang", case.soon(2), "high", "money", others=True)
    case.do(
        ReplyToCustomer,
        "fang",
        cn.d(12, "15:30"),
        channel="text_message",
        words=case.words(
            "您的投诉",
            (
                "梅女士您好，我是方屿，您的投诉由我核实。"
                "我已调取投保单和放款录像，有进展会发短信给您。"
            ),
        ),
    )
    case.find(
        "fang",
        cn.d(7, "10:10"),
        "投保单签名与贷款合同签名不一致；放款当日录像只保留了柜台半程，已请总行调取备份。",
    )
    case.do(
        ReplyToCustomer,
        "fang",
        cn.d(6, "11:00"),
        channel="text_message",
        words=case.words(
            "您的投诉：进展",
            "梅女士您好，签名已送鉴定，录像备份正在调取，结果出来后第一时间告诉您。",
        ),
    )
    case.do(
        AddNote,
        "fang",
        max(cn.wh(9), case.at),
        text=Personal("鉴定机构说还要一周。15 日之内答复不了，需要申请延长。"),
    )
    case.perform_due(telling.now)
    case.do(
        AskApproval,
        "fang",
        None,
        approval=f"{case.stream}/extension-1",
        matter=Extension(clock="final_response/1", step=0),
        reason=Personal("签名需第三方鉴定，录像备份由总行调取，15 日内无法查清。"),
    )
    return case


def fee_not_explained(telling: Telling) -> Case:
    """C8: a group; the branch manager is named in it and sees nothing of it."""
    case = Case(telling, "C8", "K4")
    cn = case.moments
    case.lodge(
        "fang",
        cn.d(6, "15:20"),
        "visit",
        product="stillwater-fund",
        category="fund_fee",
        what=(
            "我们七户都买了静水理财，西巷支行的韦经理当时只说收益，"
            "没有说每年 1.2 % 的管理费。现在赎回才发现被扣了钱。"
        ),
        remedy="退还没有说明的管理费，并由支行书面道歉。",
        branch="west-lane",
        lodged_by=Personal("江索等三名代表，共七位客户"),
    )
    case.acknowledge_in_person(
        "fang",
        case.at + timedelta(minutes=20),
        "visit",
        said="当面告知：由杭州客服组方屿办理，不经西巷支行；请推选不超过五名代表，他们推选了三名。",
    )
    case.do(
        NameColleague,
        "priya",
        case.at + timedelta(minutes=20),
        staff=stream_of("staff", "wei"),
        reason=Personal("投诉点名西巷支行负责人韦杉，依规回避。"),
    )
    case.assign("fang", case.at + timedelta(minutes=5), open_cases=1)
    case.assess("fang", case.soon(1), "high", "money", others=True)
    case.do(
        AddNote,
        "fang",
        case.soon(1),
        text=Personal("已请法务和产品两个部门各出一份意见：销售告知义务、费用披露页版本。"),
    )
    case.find(
        "fang",
        case.soon(10),
        (
            "法务意见已回：产品说明书第 7 页写明管理费，"
            "但销售录音中没有口头说明，告知义务未尽到。产品部意见未回。"
        ),
        "unclear_information",
    )
    case.perform_due(telling.now)
    return case


def exchange_rate(telling: Telling) -> Case:
    """C10: answered, paid and closed; reopened yesterday with a new statement."""
    case = Case(telling, "C10", "K1")
    cn = case.moments
    case.lodge(
        "lin",
        cn.d(40, "10:05"),
        "email",
        product="payments",
        category="exchange_rate",
        what="结汇时按错误的牌价算了 2 万欧元，少到账 800 多元。柜台说系统就是这样。",
        remedy="按当日正确牌价补差。",
        branch="west-lane",
    )
    case.assign("lin", case.soon(0.5))
    case.acknowledge("lin", case.soon(1), "email")
    case.assess("lin", case.soon(1), "medium", "money")
    case.find(
        "lin",
        cn.d(33, "14:40"),
        "交易取了前一日 16:00 的牌价，应取当日 10:00。差额 860 元。",
        "error_of_ours",
    )
    case.reply(
        "lin",
        cn.d(32, "15:10"),
        "email",
        subject="您的投诉：已查到原因",
        body=(
            "梅女士您好：\n\n已查到当日取错了牌价，差额 "
            "860 元，正在走审批，批下来马上告诉您。\n\n林乔"
        ),
    )
    case.do(
        ProposeResolution,
        "lin",
        cn.d(30, "10:30"),
        proposal=f"{case.stream}/proposal-1",
        decision="upheld",
        reasons=Personal("系统取错牌价，少到账 860 元。"),
        redress=EXCHANGE_LOSS,
        limit=Money.model_validate({"amount": "0.00", "currency": "CNY"}),
    )
    case.do(GrantApproval, "fang", cn.d(29, "09:50"), approval=f"{case.stream}/proposal-1")
    case.do(
        OfferProposal,
        "lin",
        cn.d(28, "10:10"),
        channel="phone",
        said=Personal("电话告知：按当日正确牌价补 860 元，三日内到账。"),
    )
    case.do(AcceptProposal, "lin", case.at + timedelta(minutes=5), channel="phone")
    case.do(
        TellDecision,
        "lin",
        cn.d(27, "16:20"),
        channel="email",
        words=case.words(
            "您的投诉处理决定",
            "梅女士您好：\n\n您的投诉成立。当日结汇取错了牌价，"
            "少到账 860 元，明日汇入您的燕鸥账户。\n\n"
            "如有异议，您可自收到本决定之日起 30 日内向我行上级机构书面申请核查。\n\n林乔",
        ),
    )
    case.do(
        RecordPayment,
        "lin",
        cn.d(26, "10:30"),
        money=EXCHANGE_LOSS,
        proof=Personal("转账凭证 TZ-260417"),
    )
    case.do(CloseComplaint, "lin", cn.d(26, "10:45"), reason_code="error_of_ours")
    _survey(case)
    case.do(
        ReopenComplaint,
        "lin",
        cn.d(1, "16:10"),
        why=Personal("客户寄来新的对账单：另有一笔 5 千欧元也用了同一个错误牌价。"),
    )
    case.reply(
        "lin",
        cn.d(1, "16:40"),
        "email",
        subject="您的来信收到",
        body=(
            "梅女士您好：\n\n您寄来的对账单收到了。我已重新办理，"
            "连同那一笔一并核对，明后天给您消息。\n\n林乔"
        ),
    )
    case.perform_due(telling.now)
    return case


def _survey(case: Case) -> None:
    """The one question went out by itself; a day later the customer gave a low score."""
    case.perform_due(case.moments.d(13, "12:00"))
    assert case.state.survey is not None
    case.by_customer(
        GiveSatisfaction,
        case.at + timedelta(hours=20),
        survey=case.state.survey,
        score=2,
        comment=Personal("钱是退了，可是跑了三趟。"),
    )

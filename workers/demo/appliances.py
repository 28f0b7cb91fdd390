"""The complaints of Woodquill Home: C6, C7, C9 and C13."""

from __future__ import annotations

from datetime import timedelta

from domain.approval import AskApproval, Excuse, GrantApproval
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    CloseComplaint,
    DecideNotAComplaint,
    GiveSatisfaction,
)
from domain.conversation import AddNote, ReplyToCustomer
from domain.personal import Personal
from domain.proposal import OfferProposal, ProposeResolution, RejectProposal, TellDecision
from workers.demo.case import Case
from workers.demo.telling import Telling, stream_of


def leaking_kettle(telling: Telling) -> Case:
    """C6: the first offer was not wanted, the second is out."""
    case = Case(telling, "C6", "K5")
    b = case.moments
    case.lodge(
        "dayo",
        b.wd(8, "09:30"),
        "portal",
        product="ember-kettle",
        category="leak",
        what="直播间买的余烬电水壶用了不到一个月，底座密封圈漏水，桌面都泡了。客服只说寄回检测。",
        remedy="换新，或者退货退款。",
        order=Personal("EM-204417"),
    )
    case.assign("dayo", case.soon(0.5), capacity=2)
    case.acknowledge("dayo", case.soon(1), "portal")
    case.assess("dayo", case.soon(1), "medium", "inconvenience", others=True)
    case.find("dayo", b.wd(6, "14:00"), "寄回件底座密封圈有裂纹，批次 K-0917。", "product_fault")
    case.do(
        ProposeResolution,
        "dayo",
        b.wd(5, "10:00"),
        proposal=f"{case.stream}/proposal-1",
        decision="upheld",
        reasons=Personal("密封圈有裂纹，属产品问题。"),
        goods=Personal("免费更换密封圈并寄回"),
    )
    case.do(
        OfferProposal,
        "dayo",
        b.wd(5, "10:20"),
        channel="portal",
        words=case.words("和解方案一", "裴先生您好，我们免费更换密封圈，寄回运费由我们承担。"),
    )
    case.do(
        RejectProposal,
        "dayo",
        b.wd(3, "11:10"),
        channel="portal",
        why=Personal("不要修过的，刚买一个月。"),
    )
    case.do(
        ProposeResolution,
        "dayo",
        b.wd(3, "15:00"),
        proposal=f"{case.stream}/proposal-2",
        decision="upheld",
        reasons=Personal("客户不接受维修；购买不满两个月，换新合理。"),
        goods=Personal("换新机一台，另补 200 积分"),
    )
    case.do(
        OfferProposal,
        "dayo",
        b.wd(2, "09:40"),
        channel="portal",
        words=case.words(
            "和解方案二", "裴先生您好，我们为您换新机一台，另补 200 积分，旧机无需寄回。"
        ),
    )
    case.perform_due(telling.now)
    return case


def melted_base(telling: Telling) -> Case:
    """C7, live: danger, so the fast lane. The same part as in C6."""
    case = Case(telling, "C7", "K6")
    case.lodge(
        "dayo",
        None,
        "phone",
        product="ember-kettle",
        category="overheating",
        what="412 房的余烬电水壶底座熔化，桌面烫焦，幸好客人不在房内。酒店已停用全部 86 台。",
        remedy="立即派人查看，查明之前更换全部电水壶。",
        severity="critical",
    )
    case.assign("dayo", None, open_cases=1, capacity=2)
    case.do(
        AcknowledgeComplaint,
        "dayo",
        None,
        channel="phone",
        said=Personal("电话中告知：今天派人到店，先请全部停用；每天 17:00 前通报进展。"),
    )
    case.assess("dayo", None, "critical", "health", others=True, fast_lane=True)
    case.find(
        "dayo",
        None,
        "底座密封圈与另一起漏水投诉是同一零件、同一批次 K-0917：进水后短路发热。已要求该批次停售。",
        "product_fault",
    )
    case.do(
        AddNote,
        "dayo",
        None,
        text=Personal(
            "已要求 K-0917 批次停售，请@白宁同步鹭阶酒店管理层。三十天内同一零件第二次。"
        ),
        mentions=(stream_of("staff", "bai"),),
        readers=frozenset({stream_of("staff", "bai")}),
    )
    return case


def noisy_minibars(telling: Telling) -> Case:
    """C9: the first reply came late because mail was down; song excused it, the breach stands."""
    case = Case(telling, "C9", "K6")
    b = case.moments
    case.lodge(
        "dayo",
        b.d(35, "16:10"),
        "email",
        product="hush-minibar",
        category="noise",
        what="三楼 14 台静音迷你吧夜里嗡嗡响，客人投诉了六次。说好的静音呢？",
        remedy="更换压缩机支架，或者全部换新。",
    )
    case.do(
        AcknowledgeComplaint,
        "dayo",
        case.at + timedelta(minutes=1),
        channel="email",
        said=Personal("系统自动回执：来信已收到。"),
    )
    case.assign("dayo", case.soon(1))
    promised = case.state.clocks["first_reply/1"]
    case.perform_due(promised.due)
    case.reply(
        "dayo",
        case.soon(3),
        "email",
        subject="迟复致歉",
        body=(
            "您好：\n\n因邮件系统故障，我们没能按时回复，非常抱歉。"
            "三楼 14 台的情况已安排上门检测。\n\n达约·阿什格罗夫"
        ),
    )
    case.assess("dayo", case.soon(0.5), "medium", "inconvenience")
    case.do(
        AskApproval,
        "dayo",
        case.soon(1),
        approval=f"{case.stream}/excuse-1",
        matter=Excuse(clock=promised.id),
        reason=Personal("邮件系统故障，当日来信无法查看，有运维通报。"),
    )
    case.do(GrantApproval, "song", b.d(30, "10:00"), approval=f"{case.stream}/excuse-1")
    case.find("dayo", b.d(28, "15:00"), "14 台中 5 台支架松动，9 台在标准之内。", "product_fault")
    case.do(
        ProposeResolution,
        "dayo",
        b.d(26, "10:00"),
        proposal=f"{case.stream}/proposal-1",
        decision="partly_upheld",
        reasons=Personal("5 台支架松动，更换；其余 9 台噪音在标准之内。"),
        goods=Personal("更换 5 台支架"),
    )
    case.do(
        TellDecision,
        "dayo",
        b.d(22, "11:00"),
        channel="email",
        words=case.words(
            "处理结果",
            (
                "您好：\n\n14 台中 5 台支架松动，已更换；其余 9 "
                "台检测在标准之内，不作处理。\n\n达约·阿什格罗夫"
            ),
        ),
    )
    case.do(CloseComplaint, "dayo", b.d(21, "17:00"), reason_code="product_fault")
    case.perform_due(b.d(10, "12:00"))
    assert case.state.survey is not None
    case.by_customer(
        GiveSatisfaction,
        case.at + timedelta(hours=18),
        survey=case.state.survey,
        score=1,
        comment=Personal("九台还在响，保养合同我们会重新考虑。"),
    )
    case.perform_due(telling.now)
    return case


def wider_lid(telling: Telling) -> Case:
    """C13: a suggestion and praise, so not a complaint; answered all the same."""
    case = Case(telling, "C13", "K5")
    b = case.moments
    case.lodge(
        "dayo",
        b.wd(4, "10:50"),
        "visit",
        product="ember-kettle",
        category="design",
        what="壶盖要是能开大一点就好洗了；店里的小姑娘服务特别好。",
    )
    case.assign("dayo", case.at, open_cases=1, capacity=2)
    case.do(
        ReplyToCustomer,
        "dayo",
        case.at + timedelta(minutes=10),
        channel="visit",
        said=Personal("谢谢您的建议，已转产品部；表扬也会告诉店里的同事。"),
    )
    case.do(
        DecideNotAComplaint,
        "dayo",
        case.at + timedelta(minutes=30),
        instead="suggestion",
        reason=Personal("没有不满，也不期待处理；是建议和表扬。"),
    )
    case.perform_due(telling.now)
    return case

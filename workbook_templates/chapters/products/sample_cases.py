"""The sample company's scenarios and its library of cases: fifteen, each in three parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from udfs.text import Text
from workbook_templates.tables.spec import Company, Row

# code, scenario, parent, name, pains, investment, yearly benefit, years, rate, residual, lease rate, lease years; money in ten thousand yuan
_SCENARIOS: tuple[tuple[str, str, str | None, Text, Text, float, float, int, float], ...] = (
    ("S1", "energy", None, Text("新能源产线方案", "New energy lines"), Text("节拍慢、换型久、碳数据缺", "slow cycle, long change-over, no carbon data"), 1_200, 420, 5, 80),
    ("S1-1", "energy", "S1", Text("锂电装配线", "Battery assembly"), Text("节拍与仓储", "cycle and storage"), 560, 190, 5, 40),
    ("S1-2", "energy", "S1", Text("光伏组件线", "PV module line"), Text("碳足迹与良率", "footprint and yield"), 480, 150, 5, 30),
    ("S1-3", "energy", "S1", Text("储能柜装配", "Storage cabinets"), Text("多品种小批量", "many kinds, small lots"), 360, 118, 5, 20),
    ("S2", "transport", None, Text("智慧交通方案", "Smart transport"), Text("停机多、运维响应慢", "stops, slow service"), 900, 260, 6, 60),
    ("S2-1", "transport", "S2", Text("高速机电运维", "Motorway equipment"), Text("停机与巡检", "stops and inspection"), 320, 96, 6, 20),
    ("S2-2", "transport", "S2", Text("轨道检修线", "Rail maintenance"), Text("检修周期长", "long overhaul"), 410, 120, 6, 25),
    ("S2-3", "transport", "S2", Text("港口自动化", "Port automation"), Text("等待与能耗", "waiting and energy"), 520, 150, 6, 30),
    ("S3", "factory", None, Text("数字工厂方案", "Digital plant"), Text("仓储拥堵、质量追溯难", "congested storage, no tracing"), 1_000, 340, 5, 70),
    ("S3-1", "factory", "S3", Text("仓储物流改造", "Storage and logistics"), Text("搬运与拥堵", "handling and congestion"), 380, 138, 5, 30),
    ("S3-2", "factory", "S3", Text("视觉质检", "Vision inspection"), Text("漏检与追溯", "missed faults, tracing"), 260, 108, 5, 10),
    ("S3-3", "factory", "S3", Text("快速换型", "Flexible change-over"), Text("换型时间长", "long change-over"), 420, 145, 5, 30),
)  # fmt: skip
_WAN = 10_000.0
_RATE, _LEASE = 0.06, 0.0395

# id, sub-scenario, industry, public, pains, the customer's words, before, after, ROI
_CASES: tuple[tuple[str, str, Text, bool, Text, Text, Text, Text, float], ...] = (
    ("CS01", "S1-1", Text("锂电", "battery"), True, Text("装配线节拍慢，换型时间长，仓储物流拥堵", "assembly line cycle too slow, long change-over, congested storage"), Text("以前换一个型号要停四小时，现在喝杯咖啡就好了", "changing a model took four hours, now it takes a cup of coffee"), Text("节拍 12 秒/件，换型 240 分钟", "cycle 12 s, change-over 240 min"), Text("节拍 7.5 秒/件，换型 18 分钟", "cycle 7.5 s, change-over 18 min"), 0.92),
    ("CS02", "S1-2", Text("光伏", "solar"), True, Text("组件厂碳排管理缺数据，客户要求碳足迹报告", "module plant has no carbon data, customers ask for footprint reports"), Text("欧洲客户要报告，我们连每道工序用电都说不清", "European customers want a report and we did not know the power of each step"), Text("碳数据靠人工估算", "carbon figures estimated by hand"), Text("分工序自动采集，报告 2 天出", "metered step by step, report in two days"), 0.61),
    ("CS03", "S1-3", Text("储能", "storage"), False, Text("储能柜品种多批量小，产线切换频繁，人工装配不稳定", "many cabinet kinds in small lots, frequent switching, unstable manual assembly"), Text("一天要换五六种柜子，老师傅也记不住", "five or six kinds a day, not even the old hands remember"), Text("一次合格率 91%", "first pass 91%"), Text("一次合格率 98.6%", "first pass 98.6%"), 0.55),
    ("CS04", "S2-1", Text("高速公路", "motorway"), True, Text("高速公路机电设备停机多，运维响应慢，巡检靠人", "motorway equipment stops often, slow service, inspection on foot"), Text("半夜风机停了，人到现场已经两小时", "a fan stopped at night and it took two hours to be there"), Text("平均修复 3.4 小时", "repair takes 3.4 h"), Text("平均修复 1.9 小时", "repair takes 1.9 h"), 0.48),
    ("CS05", "S2-2", Text("轨道交通", "rail"), False, Text("车辆检修周期长，备件等待，工序之间脱节", "long overhaul, waiting for parts, steps out of step"), Text("车在库里等备件，比修的时间还长", "cars wait for parts longer than they are repaired"), Text("架修 32 天", "overhaul 32 days"), Text("架修 21 天", "overhaul 21 days"), 0.42),
    ("CS06", "S2-3", Text("港口", "port"), True, Text("集卡排队等待，岸桥能耗高，调度靠电话", "trucks queue, cranes burn power, dispatch by phone"), Text("船到了，车还在堆场绕圈", "the ship is in and the trucks still circle"), Text("平均等待 46 分钟", "waiting 46 min"), Text("平均等待 17 分钟", "waiting 17 min"), 0.57),
    ("CS07", "S3-1", Text("家电", "appliances"), True, Text("仓储物流自动化改造，AGV 调度，库存不准，搬运工难招", "storage automation, AGV dispatch, wrong stock, no handlers to hire"), Text("招不到搬运工，旺季全靠办公室的人顶", "no handlers to be found, in season the office helped out"), Text("库存准确率 92%", "stock accuracy 92%"), Text("库存准确率 99.7%", "stock accuracy 99.7%"), 0.73),
    ("CS08", "S3-2", Text("汽车零部件", "auto parts"), True, Text("外观质检漏检多，缺陷追溯难，客户投诉", "visual inspection misses faults, no tracing, complaints"), Text("一个划痕漏出去，整批退回来", "one scratch slipped through and the whole lot came back"), Text("漏检 1.8%", "missed 1.8%"), Text("漏检 0.06%", "missed 0.06%"), 0.88),
    ("CS09", "S3-3", Text("机械加工", "machining"), False, Text("多品种小批量，换型时间长，夹具更换慢，设备利用率低", "many kinds, long change-over, slow fixtures, low utilisation"), Text("机床一半时间在等换刀换夹具", "half the time machines wait for tools and fixtures"), Text("设备利用率 51%", "utilisation 51%"), Text("设备利用率 78%", "utilisation 78%"), 0.64),
    ("CS10", "S1-1", Text("锂电", "battery"), False, Text("涂布车间粉尘大，设备点检漏项，安全隐患", "dust in coating, inspections skipped, hazards"), Text("点检表天天打勾，真出事谁也说不清", "the list is ticked daily and nobody knows when it happens"), Text("点检率 70%", "inspection 70%"), Text("点检率 99%", "inspection 99%"), 0.36),
    ("CS11", "S3-1", Text("食品", "food"), True, Text("冷库作业环境差，出入库效率低，保质期管理混乱", "cold store, slow in and out, shelf life in disorder"), Text("零下十八度没人愿意进去理货", "nobody wants to sort goods at minus eighteen"), Text("出库 60 托/小时", "60 pallets an hour"), Text("出库 140 托/小时", "140 pallets an hour"), 0.69),
    ("CS12", "S3-2", Text("电子", "electronics"), False, Text("贴片线误报多，复判人手不足，良率波动", "false alarms on the SMT line, too few to judge, yield swings"), Text("机器报警太多，最后大家都不看了", "so many alarms that nobody looks any more"), Text("误报 14%", "false alarms 14%"), Text("误报 1.1%", "false alarms 1.1%"), 0.58),
    ("CS13", "S1-2", Text("光伏", "solar"), True, Text("硅片搬运碎片率高，串焊良率低", "wafers break in handling, low stringing yield"), Text("一碎就是一摞，心疼", "they break by the stack, it hurts"), Text("碎片率 0.9%", "breakage 0.9%"), Text("碎片率 0.2%", "breakage 0.2%"), 0.81),
    ("CS14", "S2-1", Text("隧道", "tunnel"), True, Text("隧道通风照明能耗高，电费逐年上涨", "tunnel fans and lights burn power, bills rise every year"), Text("灯一直亮着，一年电费一百多万", "the lights are always on, a million a year"), Text("年电费 168 万元", "1.68m yuan of power a year"), Text("年电费 97 万元", "0.97m yuan of power a year"), 0.66),
    ("CS15", "S3-3", Text("医疗器械", "medical devices"), True, Text("洁净车间装配追溯记录靠纸，审核准备时间长", "clean room records on paper, audits take long to prepare"), Text("一到飞检，全厂找纸单子", "at every inspection the whole plant looks for paper"), Text("审核准备 15 天", "audit 15 days to prepare"), Text("审核准备 1 天", "audit 1 day to prepare"), 0.52),
)  # fmt: skip
_NOT_REVIEWED = ("CS05", "CS12")


def scenarios() -> list[Row]:
    """Three main scenarios with three parts each."""
    return [
        {"code": code, "scenario": scenario, "kind": "main" if parent is None else "sub", "parent": parent, "name": str(name), "pains": str(pains),
         "investment": investment * _WAN, "yearly_benefit": benefit * _WAN, "years": years, "rate": _RATE, "residual": residual * _WAN,
         "lease_rate": _LEASE, "lease_years": 3}
        for code, scenario, parent, name, pains, investment, benefit, years, residual in _SCENARIOS
    ]  # fmt: skip


def cases(company: Company, owners: Sequence[str]) -> list[Row]:
    """Thirteen were reviewed this quarter, two were not."""
    day = company.day()
    quarter = dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    customers = [row.get("name") for row in company.of("Customers")]
    out: list[Row] = []
    for number, (code, scenario, industry, public, pains, voice, before, after, roi) in enumerate(_CASES):
        out.append({
            "id": code, "scenario": scenario, "industry": str(industry), "customer": customers[number % len(customers)] if customers else None,
            "public": "yes" if public else "no", "pains": str(pains), "voice": str(voice), "before": str(before), "after": str(after), "roi": roi,
            "photo1": None, "photo2": None, "photo3": None, "video": None, "owner": owners[number % len(owners)],
            "reviewed_on": quarter - dt.timedelta(days=30) if code in _NOT_REVIEWED else min(quarter + dt.timedelta(days=9), day),
        })  # fmt: skip
    return out

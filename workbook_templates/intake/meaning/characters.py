"""Traditional characters as simplified ones: systems of Hong Kong and Taiwan write 已作廢, 含稅 and 單位：萬元, and mean what we know.

Only for comparing words: IDs and names stay as they are written.
"""

from __future__ import annotations

# Each pair: as written there, and here. These are the characters that headers, units, statuses and totals are made of.
_PAIRS = (
    "單单號号簽签訂订約约賣卖銷销額额稅税價价總总計计發发幣币種种產产線线區区負负責责類类別别員员務务業业戶户編编碼码稱称購购買买項项數数貨货開开憑凭證证記记帳账據据"
    "審审狀状態态處处備备註注結结餘余實实際际款款應应點点時时間间聯联絡络層层級级職职歸归屬属辦办協协門门團团隊队認认領领終终導导盤盘庫库進进倉仓訊讯電电話话郵邮啟启啓启"
    "運运費费廠厂國国縣县鄉乡鎮镇億亿萬万兩两簡简體体聲声說说詳详細细選选擇择從从來来與与並并個个為为後后會会歷历對对達达標标權权幾几報报預预測测劃划張张筆笔閉闭關关係系"
    "圖图書书錄录寫写讀读執执當当擔担經经營营賬账驗验過过還还雙双轉转轄辖規规則则參参長长資资訖讫損损匯汇彙汇淨净贈赠優优惠惠讓让縂总総总連连續续專专劉刘構构"
    "刪删駁驳無无絕绝頁页製制廢废紅红藍蓝沖冲衝冲撥拨詢询擬拟檢检佔占環环圓圆臺台徵征減减現现棄弃銀银蓋盖貸贷鎖锁擱搁試试範范補补輸输贏赢談谈確确條条組组內内週周"
    "貳贰陸陆題题傳传離离隱隐設设議议決决撤撤華华東东聯联韓韩歐欧紐纽蘭兰盧卢鎊镑瑞瑞鉄铁銖铢術术質质鏈链順顺網网諾诺盡尽異异應应歲岁漲涨節节義义獲获滿满潛潜勢势"
)  # fmt: skip
_SIMPLE = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
_TRADITIONAL = str.maketrans({here: there for there, here in zip(_PAIRS[::2], _PAIRS[1::2], strict=True) if here != there})


def simple(text: str) -> str:
    """A text in simplified characters, one for one.

    >>> simple("已作廢（單位：萬元）")
    '已作废（单位：万元）'
    """
    return text if text.isascii() else text.translate(_SIMPLE)


def traditional(text: str) -> str:
    """A word in traditional characters, as far as each has one form only."""
    return text.translate(_TRADITIONAL)

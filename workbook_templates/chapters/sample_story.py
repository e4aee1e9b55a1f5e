"""The numbers of the sample's story: Starbridge on Wednesday 30 June 2027, half a year that went well here and badly there.

What is planted stands here and nowhere else; ``sample_june`` makes rows of it that add up to these figures to the yuan. Money in yuan
where nothing else is said.
"""

from __future__ import annotations

import datetime as dt

WAN = 10_000
YEAR = 2027
AS_OF = dt.date(YEAR, 6, 30)
DEALS = 440
UNIT = 100  # orders are whole hundreds of yuan

# Bookings by region: first quarter, second quarter, in ten thousand yuan; in the order of the sample's regions.
REGIONS = ((6_980, 4_880), (4_120, 1_570), (3_480, 2_140), (1_840, 1_400), (600, 610), (330, 270))
# Bookings and gross margin by product line, in ten thousand yuan.
PRODUCTS = {"flex": (11_260, 4_188.7), "eco": (9_840, 2_056.5), "ultra": (5_290, 2_221.6), "service": (1_830, 878.2)}
MIX = "26% / 33% / 35% / 6%"  # wanted: Ultra, Eco, Flex, service, as the policy value lists them
BOOKINGS, MARGIN = 28_220 * WAN, 9_345 * WAN

# Cash: due by now and what came in of it; owed in all; owed for more than thirty days, and by whom most.
DUE, PAID_OF_DUE, OWED, OVERDUE = 16_000 * WAN, 13_296 * WAN, 9_300 * WAN, 1_860 * WAN
OVERDUE_DAYS = 30
DEBTOR, DEBT, DEBT_DAYS = "C0019", 620 * WAN, 74
BAD_DEBT, WRITTEN_OFF = 874_800, dt.date(YEAR, 6, 25)  # 0.31% of what was sold, of an invoice that is not due yet

# Sellers furthest behind: of which region (place in the list), what part of the own plan to date. The first of them joined in April.
BEHIND = ((1, 0.41), (1, 0.47), (5, 0.53), (4, 0.58), (1, 0.62))
LEFT = {27: dt.date(YEAR, 3, 31), 50: dt.date(YEAR, 5, 14)}  # two of 68 have gone

# Four orders of the economy line six points below the floor of 22%.
CHEAP, CHEAP_MARGIN = 4, 0.16
# An order whose return takes back commission that was paid, and one whose commission is disputed: revenue, margin, day.
RETURNED = (691_200, 0.30, dt.date(YEAR, 3, 17))
RETURN = (-345_600, dt.date(YEAR, 6, 22))
CLAWBACK = 4_320
DISPUTED = (992_000, 0.30, dt.date(YEAR, 5, 20))
DISPUTE = 12_400

# Cost to date by line of the budget, and the revenue attributed to it, in ten thousand yuan.
SPENT = {"people": 1_450, "rebates": 1_350, "market": 990, "travel": 460, "training": 150, "other": 210}
ATTRIBUTED = {"rebates": 10_935, "market": 3_861, "travel": 9_844}
SEASON = (9, 7, 11, 10, 10, 9, 8, 6, 7, 8, 8, 7)  # of the budget: 56% in the first half
JUNE_MARKET = (165, 528)  # spent and brought in June: 3.2 times
ROI_GOAL_MARKET = 5

# Months of commission: paid, locked; the rest is computed.
PAID, LOCKED = range(1, 5), 5

# Customers' tiers were refreshed on these days; the button has the days since to read.
REFRESHED = ((3, 31), (6, 18))
ONE_PROJECT = "C0003"  # an S customer with one joint project instead of two
MISSED_VISITS = (3, 5)  # months
POSTPONING = "C0007"  # the S customer of the South that put off two lines

# Dealers: 633 by quarter (mean), withheld, stock.
WEAK = {"V05": (0.76, 0.74), "V08": (0.91, 0.78)}
WITHHELD = ("V06", "finance", dt.date(YEAR, 3, 16), 72.0)
WITHHELD_SALES = (5_060_000, 2_500_000)  # of the two quarters: 864,000 of rebate
# Failed, and passed on the last day but one, after the quarter was settled: "settle dealers" releases it.
RESAT = ("V11", "delivery", (dt.date(YEAR, 6, 24), 74.0), (dt.date(YEAR, 6, 29), 86.0))
STOCK = ("V05", (("FX-200", 186_000, 10), ("UL-900", 420_000, 4), ("EC-350", 64_000, 10)))  # 4,180,000 in all
INSTALLERS, OVERSEAS = 9, 980 * WAN

JULY = 6  # orders of the first days of July, to import

# Delivery: projects due by now; those that are late by their number: days, value of the whole contract. Three are red, the last is yellow.
DUE_PROJECTS = 58
LATE_PROJECTS = {17: (21, 1_140 * WAN), 21: (14, 860 * WAN), 26: (9, 640 * WAN), 33: (5, 310 * WAN)}
TO_OPEN = 6  # deals of the last days that have no project yet
# Service: hours to repair by month, round the plan's goal; tickets a month.
REPAIR_HOURS, TICKETS = (2.25, 2.15, 2.05, 1.95, 1.85, 1.75), 10
# NPS by wave: promoters, detractors, answers; of the newest the South's part, and of that one customer's scores.
WAVES = {(YEAR - 1, 4): (31, 9, 50), (YEAR, 1): (32, 7, 50), (YEAR, 2): (33, 7, 50)}
POPULATION = 160
SOUTH, SOUTHERN = 1, (10, 3, 17)
UNHAPPY = (9, 8, 7, 6, 5)
ELSEWHERE = {0: (13, 2, 18), 2: (8, 2, 10)}  # by region; the rest of the wave is spread over the others

# Pipeline: what is open, weighted and stalled, in yuan; how many stand still; closes looked back on.
OPEN, WEIGHTED, STALLED, STANDING = 23_500 * WAN, 10_400 * WAN, 3_150 * WAN, 11
OPEN_COUNT, CLOSED_COUNT, PIPELINE_SEED = 64, 230, 63  # a seed whose closes are hit in 71 of 100 cases

"""One formula, three spellings. File spellings are those Excel and XlsxWriter write (XlsxWriter is asked where it can be)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbook_templates.formulas import spelling
from workbook_templates.formulas.spelling import (
    Context,
    Specifier,
    SpellingError,
    TableShape,
    lower,
    references,
    table,
    to_canonical,
    to_file,
    tokenize,
)

PAIRS = [
    ("=SUM(A1:B2)", "SUM(A1:B2)"),
    ("=SUM(Deals[@收入])", "SUM(Deals[[#This Row],[收入]])"),
    ("=SALES_COMMISSION(Deals[收入],0.1)", "[1]!SALES_COMMISSION(Deals[收入],0.1)"),
    ("=SORT(A1:A9)", "_xlfn._xlws.SORT(A1:A9)"),
    ("=FILTER(A1:A9,B1:B9>0)", "_xlfn._xlws.FILTER(A1:A9,B1:B9>0)"),
    ("=SORTBY(A1:A9,B1:B9)", "_xlfn.SORTBY(A1:A9,B1:B9)"),
    ("=LET(x,1,x+1)", "_xlfn.LET(_xlpm.x,1,_xlpm.x+1)"),
    ("=LET(额,A1,率,额/2,额*率)", "_xlfn.LET(_xlpm.额,A1,_xlpm.率,_xlpm.额/2,_xlpm.额*_xlpm.率)"),
    ("=MAP(A1:A3,LAMBDA(v,v*2))", "_xlfn.MAP(A1:A3,_xlfn.LAMBDA(_xlpm.v,_xlpm.v*2))"),
    ("=LET(f,LAMBDA(a,a+1),f(2))", "_xlfn.LET(_xlpm.f,_xlfn.LAMBDA(_xlpm.a,_xlpm.a+1),_xlpm.f(2))"),
    ("=A1#", "_xlfn.ANCHORARRAY(A1)"),
    ("=SUM('数 据'!$A$1#)*2", "SUM(_xlfn.ANCHORARRAY('数 据'!$A$1))*2"),
    ("=@A1:A9", "_xlfn.SINGLE(A1:A9)"),
    ("=@INDEX(A1:A9,B1)+1", "_xlfn.SINGLE(INDEX(A1:A9,B1))+1"),
    ("=@(A1:A9*2)", "_xlfn.SINGLE(A1:A9*2)"),
    ("=@A1#", "_xlfn.SINGLE(_xlfn.ANCHORARRAY(A1))"),
    ('="Deals[@收入] A1# ""@x"" SORT("&1', '"Deals[@收入] A1# ""@x"" SORT("&1'),
    ("='it''s [1]!'!A1", "'it''s [1]!'!A1"),
    ("=Deals[@[完成 率]]", "Deals[[#This Row],[完成 率]]"),
    ("=SUM(Deals[@[一月]:[三月]])", "SUM(Deals[[#This Row],[一月]:[三月]])"),
    ("=ROWS(Deals[])", "ROWS(Deals[])"),
    ("=Deals[@]", "Deals[#This Row]"),
    ("=Deals[[#Headers],[收入]]", "Deals[[#Headers],[收入]]"),
    ("=Deals[[#Headers],[#Data],[a]:[b]]", "Deals[[#Headers],[#Data],[a]:[b]]"),
    ("=Deals['[万'] '#1]", "Deals['[万'] '#1]"),
    ("=Deals[@['[万'] '#1]]", "Deals[[#This Row],['[万'] '#1]]"),
    ("=RANK.EQ(A1,A1:A9)+IFS(A1>0,1)+STDEV.S(A1:A9)", "_xlfn.RANK.EQ(A1,A1:A9)+_xlfn.IFS(A1>0,1)+_xlfn.STDEV.S(A1:A9)"),
    ('=SUM({1,2;3,4})&{"a","}"}', 'SUM({1,2;3,4})&{"a","}"}'),
    ("=IF(A1=#N/A,#DIV/0!,-1.5E-3%)", "IF(A1=#N/A,#DIV/0!,-1.5E-3%)"),
    ("=SUM(A:A,1:3)", "SUM(A:A,1:3)"),
    ("=IF(A1,\n  B1,\n  C1)", "IF(A1,\n  B1,\n  C1)"),
    ("=[2]Sheet1!A1", "[2]Sheet1!A1"),
]


@pytest.mark.parametrize(("canonical", "stored"), PAIRS)
def test_both_ways(canonical: str, stored: str) -> None:
    assert to_file(canonical) == stored
    assert to_canonical(stored) == canonical
    # Each spelling is its own fixed point, and the file's is understood by the writer too.
    assert to_canonical(canonical) == canonical
    assert to_file(stored) == stored


def test_other_spellings_of_ours() -> None:
    assert (
        to_canonical("_xldudf_SALES_TIER(A1)")
        == to_canonical("SALES.TIER(A1)")
        == to_canonical("[3]!SALES_TIER(A1)")
        == "=SALES_TIER(A1)"
    )
    assert to_file("=SALES.TIER(A1)", link=3) == "[3]!SALES_TIER(A1)"
    assert to_file("=MY_F(1)", ours=lambda name: name.startswith("MY_")) == "[1]!MY_F(1)"


def test_bare_table_references() -> None:
    assert to_file("=[@收入]*[@[提成 率]]", table="Deals") == "Deals[[#This Row],[收入]]*Deals[[#This Row],[提成 率]]"
    with pytest.raises(SpellingError, match="outside a table"):
        to_file("=[@收入]")


@pytest.mark.parametrize("text", ["=SUM(~)", '="open', "=Deals[[a]", "=LET(", "=@", "=T[[a],[b],[c]]"])
def test_what_is_no_formula(text: str) -> None:
    with pytest.raises(SpellingError):
        to_file(text)


def test_prefixes_agree_with_xlsxwriter() -> None:
    """XlsxWriter's own expansion of future functions, name by name."""
    writer = pytest.importorskip("xlsxwriter.worksheet")
    sheet = writer.Worksheet()
    for name in sorted(
        spelling._PREFIXED
        - {"GROUPBY", "PIVOTBY", "PERCENTOF", "REGEXEXTRACT", "REGEXREPLACE", "REGEXTEST", "TRANSLATE", "TRIMRANGE"}
    ):
        if name in ("ANCHORARRAY", "SINGLE", "LET", "LAMBDA"):
            continue
        assert to_file(f"={name}(1)") == sheet._prepare_formula(f"={name}(1)", True), name


HEADERS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=8).filter(
    lambda h: h == h.strip() and not h.lower().startswith("#")
)


@given(HEADERS, HEADERS)
def test_any_header_survives(first: str, last: str) -> None:
    for spec in (
        Specifier(("#This Row",), first),
        Specifier((), first),
        Specifier(("#This Row",), first, last),
        Specifier(("#Headers",), first),
        Specifier((), first, last),
    ):
        stored = spelling._stored_specifier(spec)
        typed = spelling._typed_specifier(spec)
        assert spelling.parse_specifier(stored) == spelling.parse_specifier(typed) == spec
        assert to_file(f"=SUM(T{typed})") == f"SUM(T{stored})"
        assert to_canonical(f"SUM(T{stored})") == f"=SUM(T{typed})"


@given(HEADERS)
def test_any_header_is_found_when_lowered(header: str) -> None:
    here = Context({"t": TableShape("T", "S", (1, 3, 5, 3), (header,))}, sheet="S", row=4)
    stored = spelling._stored_specifier(Specifier(("#This Row",), header))
    assert lower(f"T{stored}+1", here) == "=$C$4+1"


ATOMS = st.sampled_from(
    ['"a""[@x] #"', "A1", "$B$2", "1.5", "TRUE", "'a b'!C3", "T[@收入]", "T[a b]", "{1,2;3,4}", "#N/A", "A1#", "名称"]
)


@given(
    st.recursive(
        ATOMS,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "&", "=", "<>", "*"]), inner).map("".join),
            st.tuples(st.sampled_from(["SUM", "SORT", "XLOOKUP", "SALES_TIER", "IFS"]), st.lists(inner, max_size=3)).map(
                lambda f: f"{f[0]}({','.join(f[1])})"
            ),
            inner.map(lambda x: f"({x})"),
        ),
        max_leaves=12,
    )
)
def test_any_formula_comes_back(body: str) -> None:
    stored = to_file("=" + body)
    assert to_canonical(stored) == "=" + body
    assert to_file(to_canonical(stored)) == stored
    assert "".join(t.text for t in tokenize(stored)) == stored


# -------------------------------------------------------------------------------------------------------------------- lowering


DEALS = table("Deals", "数据", "B2:D6", ["客户", "收 入", "x]"], totals_row=True)
RATES = table("Rates", "Q1 plan", "A1:B3", ["档", "率"], header_row=False)
TABLES = {"deals": DEALS, "Rates": RATES}
NAMES = {"Rate": "'Q1 plan'!$B$1", "Total": "SUM(Deals[收 入])*2", "Fix": "=0.1", "数据!Own": "$Z$9"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deals[收 入]", "=$C$3:$C$5"),
        ("deals[[收 入]:[x']]]", "=$C$3:$D$5"),
        ("Deals[[#This Row],[收 入]]*2", "=$C$4*2"),
        ("SUM(Deals[@])", "=SUM($B$4:$D$4)"),
        ("SUM([@[收 入]:[x']]])", "=SUM($C$4:$D$4)"),
        ("[x']]", "=$D$3:$D$5"),
        ("Deals[#Headers]", "=$B$2:$D$2"),
        ("Deals[[#Headers],[收 入]]", "=$C$2:$C$2"),
        ("Deals[#All]", "=$B$2:$D$6"),
        ("Deals[#Data]", "=$B$3:$D$5"),
        ("Deals[[#Totals],[收 入]]", "=$C$6:$C$6"),
        ("Deals[[#Headers],[#Data],[客户]]", "=$B$2:$B$5"),
        ("ROWS(Deals)", "=ROWS($B$3:$D$5)"),
        ("ROWS(Deals[])", "=ROWS($B$3:$D$5)"),
        ("Deals[没有]", "=#REF!"),
        ("Rates[率]", "='Q1 plan'!$B$1:$B$3"),
        ("Rates[#Headers]", "=#REF!"),
        ("Rates[@率]", "=#VALUE!"),
        ("A1*rate", "=A1*'Q1 plan'!$B$1"),
        ("Total+Fix", "=(SUM($C$3:$C$5)*2)+0.1"),
        ("Own", "=$Z$9"),
        ("LET(Rate,2,Rate+1)", "=LET(Rate,2,Rate+1)"),
        ('"Deals[@]"&Rate', "=\"Deals[@]\"&'Q1 plan'!$B$1"),
        ("_xlfn._xlws.SORT(_xlfn.ANCHORARRAY(F1))", "=SORT(F1#)"),
        ("[1]!SALES_X(A1)+_xldudf_SALES_Y()", "=SALES_X(A1)+SALES_Y()"),
    ],
)
def test_lowering(text: str, expected: str) -> None:
    assert lower(text, Context(TABLES, NAMES, "数据", 4, 4)) == expected


def test_lowering_known_spills_and_qualified() -> None:
    context = Context(TABLES, NAMES, "数据", 4, 9, spills={("数据", 1, 6): (3, 2), ("Q1 plan", 1, 1): (1, 1)}, qualify=True)
    assert lower("SUM(F1#)+'Q1 plan'!$A$1#", context) == "=SUM(数据!$F$1:$G$3)+'Q1 plan'!$A$1:$A$1"
    assert lower("G9#", context) == "=#REF!"
    assert lower("A1:B2+SUM(C:C)+Deals[@客户]", context) == "=数据!A1:B2+SUM(数据!C:C)+数据!$B$4"


def test_call_sites_and_omitted_arguments() -> None:
    context = Context(sheet="S", call_id=7, omitted="-")
    assert lower("SALES_X(,A1,)+SALES_Y()+SUM(,1)", context) == '=SALES_X(7,"-",A1,"-")+SALES_Y(7)+SUM(,1)'


def test_a_name_that_refers_to_itself() -> None:
    with pytest.raises(SpellingError, match="refers to itself"):
        lower("Loop", Context(names={"Loop": "Loop+1"}))


def test_references() -> None:
    assert references('=IF("SUM("="",_xlfn.XLOOKUP(A1,B1,C1),[1]!SALES_TIER(sum(A1)))') == {"IF", "XLOOKUP", "SALES_TIER", "SUM"}


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("数据", "数据!"), ("Q1 plan", "'Q1 plan'!"), ("it's", "'it''s'!"), ("A1", "'A1'!"), ("2026", "'2026'!"), ("R", "'R'!")],
)
def test_sheet_names(name: str, prefix: str) -> None:
    assert spelling.sheet_prefix(name) == prefix
    assert spelling.sheet_name(prefix) == name


def test_columns() -> None:
    assert [spelling.column_letters(c) for c in (1, 26, 27, 703)] == ["A", "Z", "AA", "AAA"]
    assert all(spelling.column_number(spelling.column_letters(c)) == c for c in range(1, 1000))

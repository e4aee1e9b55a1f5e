"""A query in a database as a source of transactions: ``sqlite:///sales.db?query=select …``,
``duckdb://sales.duckdb?table=invoices``.

What follows ``query=`` (or ``table=``) is all SQL, typed as it is or URL-encoded. SQLite needs nothing installed; DuckDB
and every other engine (Postgres, Trino, Snowflake, BigQuery, …, by the URLs of ibis) need the extra ``warehouse``. Files
are opened for reading only.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.installing import pip_install

_URL = re.compile(r"([a-z][a-z0-9+.-]+)://(.*)", re.IGNORECASE | re.DOTALL)
_ASKED = re.compile(r"(?:^|[?&])(query|table)=(.*)", re.IGNORECASE | re.DOTALL)
_SECRET = re.compile(r"//[^/@\s]*@")


@dataclass(frozen=True)
class Query:
    """A database and what is asked of it; ``url`` may hold a password and is never shown."""

    scheme: str
    url: str
    place: str  # of a file
    sql: str = ""
    table: str = ""

    @property
    def shown(self) -> str:
        """What a report calls it: no user, no password."""
        bare = _SECRET.sub("//", self.url.partition("?")[0])
        return f"{bare} {self.table}".strip()

    @property
    def how(self) -> Text:
        """How it was read."""
        return Text("数据库查询", "database query") if self.sql else Text("数据库表", "database table")

    @property
    def text(self) -> str:
        """The SQL to run."""
        quoted = ".".join('"' + part.replace('"', '""') + '"' for part in self.table.split("."))
        return self.sql or f"select * from {quoted}"


def query_of(source: object) -> Query | None:
    """A source as a query; None when it is a path."""
    match = _URL.fullmatch(source.strip()) if isinstance(source, str) else None
    if match is None or match[1].lower() == "file":
        return None
    scheme, rest = match[1].lower(), match[2]
    asked = _ASKED.search(rest)
    if asked is None or not asked[2].strip():
        raise Refused(
            Text(
                f"数据库来源应写明取什么：{scheme}://…?query=SELECT … 或 ?table=表名。",
                f"A database needs to be asked something: {scheme}://…?query=SELECT … or ?table=NAME.",
            )
        )
    said = asked[2].strip().rstrip(";")
    said = said if re.search(r"\s", said) else unquote(said.replace("+", " "))
    base = rest[: asked.start()]
    place = unquote(base.partition("?")[0])
    known = {"sql": said} if asked[1].lower() == "query" else {"table": said}
    return Query(scheme, f"{match[1]}://{base}", place, **known)


def rows_of(query: Query) -> tuple[tuple[str, ...], Any]:
    """Headers and rows of a query: an Arrow table where the engine gives one, else a list of tuples."""
    with said_of(query):
        if query.scheme == "sqlite":
            return _sqlite(query)
        if query.scheme == "duckdb":
            return _duckdb(query)
        table = _ibis(query)
        return tuple(table.column_names), table


@contextlib.contextmanager
def said_of(query: Query) -> Iterator[None]:
    """What goes wrong in a database, in one line without its password."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:  # each engine has errors of its own
        first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        why = _SECRET.sub("//", first)[:300]
        raise Refused(Text(f"“{query.shown}”：{why}", f"“{query.shown}”: {why}")) from error


def file_of(query: Query) -> str:
    """The file a query's URL means; with three slashes either from the root or from here."""
    if query.place in ("", "/", ":memory:", "/:memory:"):
        return ":memory:"
    for place in (query.place, query.place.lstrip("/")):
        if Path(place).is_file():
            return place
    raise Refused(Text(f"找不到数据库文件“{query.place}”。", f"There is no database file “{query.place}”."))


def _sqlite(query: Query) -> tuple[tuple[str, ...], Any]:
    place = file_of(query)
    address = ":memory:" if place == ":memory:" else Path(place).resolve().as_uri() + "?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as base:
        found = base.execute(query.text)
        names = tuple(str(column[0]) for column in found.description or ())
        return names, [tuple(float(c) if isinstance(c, int) and abs(c) < 10**15 else c for c in row) for row in found]


def lacking(what: Text, package: str) -> Text:
    """What to install for something; by its own name, since what is called salesplan elsewhere need not be this."""
    how = pip_install(package)
    return what + Text(f"需要另外安装：{how}", f" needs more to be installed: {how}")


def _need(scheme: str, module: str) -> None:
    if not find_spec(module):
        raise Refused(lacking(Text(f"查询 {scheme} ", f"querying {scheme}"), f"ibis-framework[{scheme}]"))


def _duckdb(query: Query) -> tuple[tuple[str, ...], Any]:
    _need(query.scheme, "duckdb")
    duckdb = importlib.import_module("duckdb")
    place = file_of(query)
    with contextlib.closing(duckdb.connect(place, read_only=place != ":memory:")) as base:
        found = base.sql(query.text)
        names = tuple(str(name) for name in found.columns)
        return names, found.to_arrow_table() if find_spec("pyarrow") else found.fetchall()


def _ibis(query: Query) -> Any:
    return table_in(connected(query), query).to_pyarrow()


def connected(query: Query) -> Any:
    """An ibis connection to a query's database."""
    _need(query.scheme, "ibis")
    ibis = importlib.import_module("ibis")
    if query.scheme in ("duckdb", "sqlite"):
        place = file_of(query)
        if query.scheme == "sqlite":
            return ibis.sqlite.connect(None if place == ":memory:" else place)
        return ibis.duckdb.connect(place, read_only=place != ":memory:")
    return ibis.connect(query.url)


def table_in(connection: Any, query: Query) -> Any:
    """What a query asks for, as an ibis table."""
    if query.table:
        owner, _, name = query.table.rpartition(".")
        return connection.table(name, database=owner or None)
    if connection.name == "duckdb":
        # A temporary view: DuckDB 2 dropped the call with which ibis 12 finds a query's columns.
        connection.raw_sql(f"create or replace temp view salesplan_query as {query.text}")
        return connection.table("salesplan_query", database=("temp", "main"))
    return connection.sql(query.text)

"""Write the pages of actions, docs/actions.zh.md and docs/actions.en.md, from the registry: ``python docs/make_actions.py``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from addin import actions, cli
from addin.action import GROUPS, Action, Ask
from addin.command import Command
from addin.ribbon import TAB_KEYTIP, TAB_LABEL
from udfs.text import Text, speaking

HERE = Path(__file__).parent

HEAD = Text(
    "# 操作参考\n\n由登记的操作生成，请勿手改。每个操作既是 Excel 功能区“{tab}”里的按钮，也是命令 `salesplan 名称 计划.xlsx`：同样的检查、同样的结果，"
    "先说将改什么，要么全部写入，要么一处不写。除注明外都可撤销。各操作都有 `--dry-run`（只说将改什么）、`--no-backup`、`--json`；"
    "写文件的操作有 `--force`（覆盖已有文件）。\n",
    "# Action reference\n\nGenerated from the registered actions; do not edit. Each is a button of Excel's “{tab}” tab and "
    "a command `salesplan NAME "
    "PLAN.xlsx`: the same checks, the same result, said before it is written, and written as a whole or not at all. All "
    "can be undone unless "
    "it says otherwise. Every action takes `--dry-run` (say what would change), `--no-backup` and `--json`; those that "
    "write files take "
    "`--force` (overwrite).\n",
)
COMMANDS = Text(
    "## 只有命令行\n\n没有按钮的命令，以及命令行里选项更多的操作。\n",
    "## On the command line only\n\nCommands without a button, and actions that take more options there.\n",
)
NOTHING: Text = Text("", "")


class Listed(argparse.ArgumentParser):
    """Keeps every argument that it is given, in order."""

    def __init__(self) -> None:
        self.given: list[argparse.Action] = []
        super().__init__(add_help=False)

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """As argparse does, and listed."""
        made = super().add_argument(*names, **settings)
        self.given.append(made)
        return made


def reference() -> str:
    """The whole page in the language in force."""
    every = actions.every()
    parts = [str(HEAD).format(tab=TAB_LABEL)]
    for code, label in GROUPS.items():
        members = [action for action in every.values() if action.group == code]
        if members:
            parts += [f"## {label}\n", *(entry(action) for action in members)]
    own = {name: command for name, command in cli.commands().items() if is_own(name, command, every)}
    return "\n".join([*parts, str(COMMANDS), *(command_entry(name, command) for name, command in own.items())])


def is_own(name: str, command: Command, every: dict[str, Action]) -> bool:
    """Whether a command is written as one, not made from an action."""
    return name not in every or not isinstance(command.run, partial)


def entry(action: Action) -> str:
    """One action's entry."""
    keys = f"Alt, {TAB_KEYTIP}, {', '.join(action.keytip)}"
    undone = Text("可撤销", "can be undone") if action.final is None else Text("不能撤销：", "can't be undone: ") + action.final
    facts = [
        Text("按键：", "keys: ") + keys,
        _files(Text("写入文件：", "writes: "), (f"`{_shown(action, o)}` ({ending})" for o, ending in action.writes.items())),
        _files(Text("读取文件：", "reads: "), (f"`{_shown(action, option)}`" for option in action.reads)),
        NOTHING if action.needs_book else Text("不需要打开工作簿", "needs no open workbook"),
        Text("可以把已锁定的标为“已发放”", "may mark what is locked as paid") if action.pays else NOTHING,
        undone,
    ]
    said = " · ".join(str(fact) for fact in facts if str(fact))
    head = f"### {action.label} · `{action.name}`\n\n{action.tip}{Text('。', '. ')}{action.about}\n"
    return "\n".join([head, f"{said}\n", *_options(action.declare, action.asks), *_examples(action.examples)])


def command_entry(name: str, command: Command) -> str:
    """One command's entry."""
    about = str(command.about).replace("\n", "  \n")
    return "\n".join([f"### `salesplan {name}`\n", f"{about}\n", *_options(command.arguments, {}), *_examples(command.examples)])


def _files(what: Text, said: Iterator[str]) -> Text:
    listed = ", ".join(said)
    return what + listed if listed else NOTHING


def _shown(action: Action, option: str) -> str:
    """An option as it is typed."""
    return next(_typed(one) for one in _arguments(action.declare) if one.dest == option)


def _arguments(declare: Callable[[argparse.ArgumentParser], None]) -> list[argparse.Action]:
    parser = Listed()
    declare(parser)
    return parser.given


def _typed(argument: argparse.Action) -> str:
    value = argument.metavar if isinstance(argument.metavar, str) else argument.dest.upper()
    if not argument.option_strings:
        return value
    takes = argument.nargs != 0
    return f"{argument.option_strings[-1]} {value}" if takes else argument.option_strings[-1]


def _options(declare: Callable[[argparse.ArgumentParser], None], asks: Any) -> list[str]:
    """Its options in a table; what a button asks for is marked."""
    rows = []
    for one in _arguments(declare):
        asked: Ask | None = asks.get(one.dest)
        notes = [str(one.help or "")]
        if one.choices is not None:
            notes.append("/".join(str(choice) for choice in one.choices))
        if asked is not None:
            how = {"open": Text("打开文件", "a file to open"), "save": Text("保存为", "where to save")}
            question = how.get(asked.how, asked.how) if isinstance(asked.how, str) else asked.how
            notes.append(str(Text("按钮会问：", "the button asks: ")) + str(question))
        text = str(Text("；", "; ")).join(note for note in notes if note)
        rows.append(f"| `{_typed(one)}` | {text} |".replace("%%", "%"))
    if not rows:
        return []
    return [str(Text("| 选项 | 说明 |", "| option | meaning |")), "|---|---|", *(_escaped(row) for row in rows), ""]


def _escaped(row: str) -> str:
    inner = row.removeprefix("| ").removesuffix(" |")
    option, _, text = inner.partition(" | ")
    return f"| {option.replace('|', chr(92) + '|')} | {text.replace('|', chr(92) + '|')} |"


def _examples(examples: Text) -> list[str]:
    """The commands among the examples, to be copied."""
    lines = [line.strip() for line in str(examples).splitlines() if line.strip().startswith("salesplan ")]
    return ["```sh", *lines, "```\n"] if lines else []


def main() -> None:
    """Write both pages."""
    for lang in ("zh", "en"):
        with speaking(lang):
            (HERE / f"actions.{lang}.md").write_text(reference().rstrip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

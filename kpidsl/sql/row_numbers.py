"""Numbers of rows in an order that means nothing: engines that want one for them get one."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql.nodes import Node


def lacks_order(window: exp.Window) -> bool:
    """Tell whether rows are numbered in no order."""
    return window.args.get("order") is None and _numbers(window.this)


def order_anyhow(window: exp.Window, *, nulls_first: bool = False) -> None:
    """Order rows that are numbered by what they have in common: all rows of a window are alike in this."""
    alike = exp.Ordered(this=window.args["partition_by"][0].copy(), nulls_first=nulls_first)
    window.set("order", exp.Order(expressions=[alike]))


def order_all_anyhow(tree: Node) -> None:
    """Order all rows of a tree that are numbered in no order."""
    for window in tree.find_all(exp.Window):
        if lacks_order(window):
            order_anyhow(window)


def _numbers(function: Node) -> bool:
    return isinstance(function, exp.RowNumber) or (
        isinstance(function, exp.Anonymous) and function.name == "ROW_NUMBER"
    )

"""A mistake in a project is told once, where it stands, with a help that mends it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .running import call, write
from .test_helps import help_of

SHOP = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: day
    columns:
      order_id: integer
      customer_id: integer
      day: date
      amount: {type: "decimal(12,2)", unit: EUR}
    joins:
      customer: {to: customers, using: customer_id, match: latest, before: day}
  customers:
    table: customers
    key: [customer_id, since]
    time: since
    columns: {customer_id: integer, since: date, country: text}
dimensions:
  country: {from: {orders: customer.country}}
kpis:
  revenue: {label: Revenue, formula: sum(orders.amount), direction: up, owner: a@b.example}
objectives:
  more:
    kpi: revenue
    kind: at_least
    period: month
    target: 1000 EUR
    owner: a@b.example
  each_day:
    kpi: revenue
    kind: at_least
    period: month
    each: day
    times: 80%
    target: 10 EUR
    owner: a@b.example
  grows:
    kpi: revenue
    kind: change
    period: month
    target: 10%
    against: 1 year
    owner: a@b.example
  best:
    kpi: revenue
    kind: rank
    by: [country]
    period: month
    target: 3
    owner: a@b.example
  on_the_way:
    kpi: revenue
    kind: at_least
    effective: {from: 2026-01-01, until: 2026-04-01}
    trajectory: checkpoints
    checkpoints: [{at: 2026-02-01, share: 20%}]
    target: 2000 EUR
    owner: a@b.example
scorecards:
  whole: {objectives: [more], owner: a@b.example}
"""


def test_the_shop_has_no_mistake(tmp_path: Path) -> None:
    assert call("check", cwd=write(tmp_path, SHOP)).code == 0


@pytest.mark.parametrize(
    ("right", "wrong", "code", "place", "help"),
    [
        ("kind: at_least", "kind: at_lest", "schema/not-in-list", "at_lest", "did you mean `at_least`?"),
        ("kind: rank", "kind: rnak", "schema/not-in-list", "rnak", "did you mean `rank`?"),
        ("each: day", "each: dya", "schema/not-in-list", "dya", "did you mean `day`?"),
        (
            "trajectory: checkpoints",
            "trajectory: checkpoint",
            "schema/not-in-list",
            "checkpoint",
            "did you mean `checkpoints`?",
        ),
        ("match: latest", "match: last", "schema/not-in-list", "last", "did you mean `latest`?"),
        ("direction: up", "direction: upp", "schema/not-in-list", "upp", "did you mean `up`?"),
        ("target: 3", "target: !!int 3", "yaml/tag", "!!int", "leave it out;"),
        ("kind: rank", "kind: !rank", "yaml/tag", "!rank", "leave it out;"),
        ('type: "decimal(12,2)"', "type: !decimal 12", "yaml/tag", "!decimal", "leave it out;"),
    ],
)
def test_what_follows_from_a_mistake_is_not_told(
    tmp_path: Path, right: str, wrong: str, code: str, place: str, help: str
) -> None:
    assert right in SHOP
    said = call("check", cwd=write(tmp_path, SHOP.replace(right, wrong, 1))).err
    assert f"error[{code}]" in said
    assert f"`{place}`" in said
    assert help_of(said).startswith(help)
    assert said.endswith("\n1 error\n")


DATED = SHOP.replace("month\n    target: 1000", "month\n    effective: {from: 2026-01-01}\n    target: 1000")
TESTED = SHOP.replace(
    "owner: a@b.example}\nobj",
    "owner: a@b.example, tests: [{name: a, rows: {orders: [{order_id: 1, day: 2026-01-31, amount: 2.50}]},"
    " expect: [{revenue: 2.50}]}]}\nobj",
)
PARAMETERS = (
    SHOP + "parameters:\n  back: {type: duration, default: 1 year}\nmetrics:\n  then: prior(revenue, back)\n"
)


@pytest.mark.parametrize("shop", [DATED, TESTED, PARAMETERS])
def test_these_have_no_mistake_either(tmp_path: Path, shop: str) -> None:
    assert shop != SHOP
    assert call("check", cwd=write(tmp_path, shop)).code == 0


@pytest.mark.parametrize(
    ("shop", "right", "wrong", "code", "message", "help"),
    [
        (SHOP, "decimal(12,2)", "decimal(50,2)", "type/unknown", "out of range", "write `decimal(38,2)`"),
        (SHOP, "decimal(12,2)", "decimal(5,7)", "type/unknown", "out of range", "write `decimal(7,7)`"),
        (SHOP, "decimal(12,2)", "decimal(0)", "type/unknown", "out of range", "write `decimal(1,0)`"),
        (
            SHOP,
            "against: 1 year",
            "against: 3000 years",
            "window/amount",
            "`3000 years` is more than 1000 years",
            "write at most `1000 years`",
        ),
        (
            SHOP,
            "    time: day\n",
            "    time: day\n    settles_after: 999999 days\n",
            "window/amount",
            "`999999 days` is more than 366000 days",
            "write at most `366000 days`",
        ),
        (
            DATED,
            "from: 2026-01-01}",
            "from: 2026-01-01, until: 9999-12-31}",
            "objective/effective",
            "the day `9999-12-31` is out of range",
            "write a day from 1000-01-01 to 9999-12-30",
        ),
        (
            DATED,
            "from: 2026-01-01}",
            "from: 01/02/2026}",
            "objective/effective",
            "`01/02/2026` is no day",
            "write `2026-02-01` or `2026-01-02`",
        ),
        (
            DATED,
            "from: 2026-01-01}",
            "from: 2026-02-30}",
            "objective/effective",
            "`2026-02-30` is no day",
            "February 2026 has 28 days",
        ),
        (
            SHOP,
            "at: 2026-02-01",
            "at: 1/2/2026",
            "objective/effective",
            "`1/2/2026` is no day",
            "write `2026-02-01` or `2026-01-02`",
        ),
        (
            TESTED,
            "order_id: 1,",
            "order_id: 9223372036854775808,",
            "test/value",
            "`9223372036854775808` is out of range",
            "an integer is from -9223372036854775808 to 9223372036854775807",
        ),
        (
            TESTED,
            "order_id: 1,",
            f"order_id: {'9' * 5000},",
            "test/value",
            "out of range",
            "an integer is from",
        ),
        (
            TESTED,
            "amount: 2.50",
            "amount: 12345678901",
            "test/value",
            "`12345678901` is out of range",
            "a decimal(12,2) has 10 digits before the point",
        ),
        (TESTED, "2026-01-31", "31.1.2026", "test/value", "`31.1.2026` is no date", "write `2026-01-31`"),
        (
            TESTED,
            "2026-01-31",
            "2026-02-29",
            "test/value",
            "`2026-02-29` is no date",
            "February 2026 has 28 days",
        ),
    ],
)
def test_what_is_out_of_range_is_told_with_the_range(
    tmp_path: Path, shop: str, right: str, wrong: str, code: str, message: str, help: str
) -> None:
    assert right in shop
    done = call("check", cwd=write(tmp_path, shop.replace(right, wrong, 1)))
    assert done.code == 1
    assert f"error[{code}]" in done.err
    assert message in done.err
    assert help_of(done.err).startswith(help)
    assert done.err.endswith("\n1 error\n")


@pytest.mark.parametrize("cell", ["9223372036854775807", "-9223372036854775808"])
def test_the_ends_of_a_range_are_in_it(tmp_path: Path, cell: str) -> None:
    shop = TESTED.replace("order_id: 1,", f"order_id: {cell},")
    assert call("check", cwd=write(tmp_path, shop)).code == 0
    assert call("test", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("option", "value", "message", "help"),
    [
        ("--period", "9999", "the period `9999` is out of range", "periods begin in the year 1000 or later"),
        ("--period", "0026-08", "the period `0026-08` is out of range", "periods begin in the year 1000"),
        ("--period", "last 9999 years", "`last 9999 years` is out of range", "periods begin in the year"),
        ("--period", "2026-02-30", "does not read as a period", "February 2026 has 28 days"),
        ("--as-of", "9999-12-31", "the instant `9999-12-31` is out of range", "instants lie in the years"),
    ],
)
def test_times_beyond_the_calendar(tmp_path: Path, option: str, value: str, message: str, help: str) -> None:
    as_of = ("--as-of", "2026-08-15") if option != "--as-of" else ()
    done = call("compile", "revenue", option, value, *as_of, cwd=write(tmp_path, SHOP))
    assert done.code == 1
    assert message in done.err
    assert help_of(done.err).startswith(help)


@pytest.mark.parametrize("value", ["9998", "9999-11", "1000", "9999-12-30", "1000-01-01..9999-12-31"])
def test_periods_at_the_ends_of_the_calendar(tmp_path: Path, value: str) -> None:
    assert call("compile", "revenue", "--period", value, cwd=write(tmp_path, SHOP)).code == 0


def test_a_parameter_that_is_too_long_for_a_window(tmp_path: Path) -> None:
    asked = ("then", "--by", "month", "--set", "back=1001 years")
    done = call("compile", *asked, cwd=write(tmp_path, PARAMETERS))
    assert done.code == 1
    assert "`1001 years` is more than 1000 years" in done.err
    assert help_of(done.err) == "write at most `1000 years`"


ONE = SHOP.replace(
    "scorecards:", "scorecards:\n  tops: {objectives: [best], policy: 1 of 1, owner: a@b.example}"
)


@pytest.mark.parametrize(
    ("right", "wrong", "code", "help"),
    [
        ("target: 3\n", "target: >= 3\n", "yaml/syntax", "leave `>=` out where the kind says it,"),
        ("kind: rank", "kind: within", "objective/keys", "write `range: [from, to]`"),
        ("    target: 3\n", "    target: 3\n    status: {on_track: 90%}\n", "schema/missing-key", "add `at_risk: 81%`"),
        ("kind: rank\n", "kind: within\n    range: 10..20\n", "schema/wrong-type", "write `range: [10, 20]`"),
        ("kind: rank\n", "kind: within\n    range: 1 EUR to 2 EUR\n", "schema/wrong-type", "write `range: [1 EUR, 2 EUR]`"),
        ("against: 1 year", "against: a year", "window/amount", "write `1 year`"),
        ("against: 1 year", "against: last year", "window/amount", "write a whole number and a unit: `28 days`"),
        ("[best]", "[revenue]", "name/unknown", "`revenue` is a KPI; there is `more`, `each_day`, `grows` on it"),
        ("[best]", "[revnue]", "name/unknown", "there is `more`"),
        ("policy: 1 of 1", "policy: 1 of 2", "scorecard/policy", "write `1 of 1`"),
        ("[best]", "[{best: 2}]", "schema/wrong-type", "write `best`: what an objective counts is its own `weight`"),
        ("[best]", "{best: 2}", "schema/wrong-type", "write `objectives: [best]`: what an objective counts"),
    ],
)  # fmt: skip
def test_objectives_and_scorecards_as_people_write_them(
    tmp_path: Path, right: str, wrong: str, code: str, help: str
) -> None:
    assert right in ONE
    said = call("check", cwd=write(tmp_path, ONE.replace(right, wrong, 1))).err
    assert f"error[{code}]" in said
    assert help_of(said).startswith(help)
    assert said.endswith("\n1 error\n")


@pytest.mark.parametrize(
    ("formula", "help"),
    [
        ("prior(1 year, revenue)", "write `prior(revenue, 1 year)`"),
        ("rolling(28 days, revenue)", "write `rolling(revenue, 28 days)`"),
        ("prior(revenue, 1 fiscal_year)", "write `1 year`"),
        ("prior(revenue, 999999999 periods)", "write at most `12000 periods`"),
        ("during(revenue, '2026-01-01', 2026-02-01)", "write `2026-01-01`: dates stand without quotes"),
        ("yoy(revenue)", "write `growth(revenue, 1 year)`"),
        ("pct_change(revenue)", "write `growth(revenue, 1 period)`"),
        ("ytd(revenue)", "write `to_date(revenue, year)`"),
        ("cumsum(revenue)", "write `cumulative(revenue)`"),
        ("sameperiodlastyear(revenue)", "write `prior(revenue, 1 year)`"),
    ],
)
def test_time_constructs_as_people_write_them(tmp_path: Path, formula: str, help: str) -> None:
    asked = ("--by", "month", "--as-of", "2026-08-15")
    folder = write(tmp_path, SHOP)
    said = call("compile", f"x = {formula}", *asked, cwd=folder).err
    assert help_of(said) == help
    assert said.endswith("\n1 error\n")
    offered = re.findall(r"`([^`]*)`", help)[0]
    mended = (
        offered if "(" in offered else re.sub(r"1 fiscal_year|9{9} periods|'2026-01-01'", offered, formula)
    )
    assert call("compile", f"x = {mended}", *asked, cwd=folder).code == 0


WATCHED = """\
metrics:
  seen: count(customers)
  placed: count(orders)
kpis:
  revenue: {label: Revenue, formula: sum(orders.amount), direction: up, owner: a@b.example}
  rate:
    label: Rate
    formula: revenue / placed
    direction: up
    owner: a@b.example
  last_one: {label: Last, formula: placed + 1, direction: up, owner: a@b.example}
"""
PROMISED = SHOP.partition("kpis:")[0] + WATCHED + """\
objectives:
  rated: {kpi: rate, kind: no_signal, period: month, usual: {last: 12}, owner: a@b.example}
  greatest: {kpi: last_one, kind: at_least, by: [country], period: month, targets: [{country: FR, target: 3}], owner: a@b.example}
  alike: {kpi: last_one, kind: at_least, where: country = 'FR', period: month, target: 3, owner: a@b.example}
  any: {kpi: last_one, kind: at_least, period: month, target: 3, owner: a@b.example}
  shared: {kpi: revenue, kind: at_least, by: [country], target: 3 EUR, owner: a@b.example,
    period: month, allocate: {across: [country], weights: [{country: FR, weight: 1}, {country: DE, weight: 2}]}}
  best: {kpi: revenue, kind: rank, by: [country], among: [country], period: month, target: 3, owner: a@b.example}
"""  # fmt: skip
DEDENTED = re.sub(
    r"(?m)^  (?=rate:|  (label: Rate|formula: rev|direction: up$|owner: a@b.example$))", "", WATCHED
)


@pytest.mark.parametrize(
    ("right", "wrong", "code", "help"),
    [
        ("  rate:\n", "rate:\n", "yaml/syntax", "begin it under `owner`,"),
        (WATCHED, DEDENTED, "schema/unknown-key", "indent its lines by two more blanks, below `kpis:`"),
        ("  placed:", "placed:", "schema/unknown-key", "indent its lines by two more blanks, below `metrics:`"),
        ("kpis:\n", "kpi:\n", "schema/unknown-key", "did you mean `kpis`?"),
        ("kpis:\n", "kpi:\n\t", "yaml/tab", "write blanks instead;"),
        ("dimensions:", "dimension:", "schema/unknown-key", "did you mean `dimensions`?"),
        ("time: day", "time: dya", "name/unknown", "did you mean `day`?"),
        ("{from: {orders: customer.country}}", "orders.country", "schema/wrong-type", "write `from:"),
        ("by: [country], period", "by: [contry], period", "name/unknown", "did you mean `country`?"),
        ("where: country", "where: contry", "name/unknown", "did you mean `country`?"),
        ("by: [country], target", "by: [contry], target", "name/unknown", "did you mean `country`?"),
        ("by: [country], among", "by: [contry], among", "name/unknown", "did you mean `country`?"),
    ],
)  # fmt: skip
def test_what_rests_on_something_that_is_lost_is_not_told(
    tmp_path: Path, right: str, wrong: str, code: str, help: str
) -> None:
    assert right in PROMISED
    assert right != wrong
    said = call("check", cwd=write(tmp_path, PROMISED.replace(right, wrong, 1))).err
    assert f"error[{code}]" in said
    assert said.endswith("\n1 error\n"), said
    assert help_of(said).startswith(help)


def test_what_is_promised_is_right_before(tmp_path: Path) -> None:
    done = call("check", cwd=write(tmp_path, PROMISED))
    assert done.code == 0, done.err


def test_a_part_of_which_no_key_is_known_lacks_none(tmp_path: Path) -> None:
    for keys, helps in (
        ("green: 100%, amber: 90%", ["did you mean `on_track`?", "did you mean `at_risk`?"]),
        ("first: 100%, second: 90%", ["the keys are `of`, `on_track`, `at_risk`"] * 2),
    ):
        text = SHOP.replace("    target: 3\n", f"    target: 3\n    status: {{{keys}}}\n", 1)
        said = call("check", cwd=write(tmp_path, text)).err
        assert re.findall(r"= help: (.*)", said) == helps
        assert re.findall(r"error\[(.*?)\]", said) == ["schema/unknown-key"] * 2

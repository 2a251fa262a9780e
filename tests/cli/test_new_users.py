"""What somebody writes who is new to it, each told once, with a help that is right where it is pasted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .running import call, write
from .test_helps import help_of

CLINIC = """\
datasets:
  visits:
    table: visits
    key: visit_id
    time: arrived_at
    unit: visit
    columns:
      visit_id: integer
      patient_id: integer
      referrer_id: integer
      doctor: text
      arrived_at: timestamp
      status: text
      fee: {type: "decimal(12,2)", unit: EUR}
    joins:
      patient: {to: patients, using: patient_id}
  staff:
    table: staff
    key: [doctor, day]
    time: day
    columns: {doctor: text, day: date, hours: "decimal(6,2)"}
  patients:
    table: patients
    key: patient_id
    columns: {patient_id: integer, city: text}
dimensions:
  city:
    label: {en: Town, fr: Ville}
    from: {patients: city}
  doctor:
    label: {en: Doctor, fr: Médecin}
    from: {visits: doctor, staff: doctor}
metrics:
  fees: sum(visits.fee where status = 'kept')
  visits_made: count(visits where status = 'kept')
  hours_worked: sum(staff.hours)
kpis:
  no_show_rate:
    label: {en: No-show rate, fr: "Taux d'absence"}
    synonyms: {en: [missed visits]}
    formula: count(visits where status = 'missed') / count(visits)
    unit: percent
    direction: down
    owner: ops@clinic.example
    tests:
      - name: one of two
        rows:
          visits: [{visit_id: 1, arrived_at: 2026-01-03, status: kept, fee: 40}, {visit_id: 2, arrived_at: 2026-01-04, status: missed}]
        expect: [{no_show_rate: 0.5}]
  average_fee:
    label: {en: Average fee, fr: Tarif moyen}
    formula: fees / visits_made
    direction: up
    owner: ops@clinic.example
objectives:
  fewer_no_shows: {kpi: no_show_rate, kind: at_most, period: month, target: 10%, owner: ops@clinic.example}
"""


def project(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in CLINIC
    return write(folder, CLINIC.replace(old, new, 1))


def test_the_project_has_no_mistake(tmp_path: Path) -> None:
    assert call("check", cwd=project(tmp_path)).code == 0
    assert call("test", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("formula: count(visits where status = 'missed') / count(visits)", "formula: no_show_rate / count(visits)", "name/cycle"),
        ("fees: sum(visits.fee where status = 'kept')", "fees: average_fee * visits_made", "name/cycle"),
        ("  hours_worked:", "  no_show_rate: count(visits)\n  hours_worked:", "name/duplicate"),
        ("staff: doctor}", "staff: hours}", "dimension/type"),
        ("key: [doctor, day]", "key [doctor, day]", "yaml/syntax"),
    ],
)  # fmt: skip
def test_one_mistake_is_told_once(tmp_path: Path, old: str, new: str, code: str) -> None:
    folder = project(tmp_path, old, new)
    for asked in (["check"], ["run", "no_show_rate", "--by", "doctor"], ["objectives"]):
        said = call(*asked, cwd=folder).err
        assert said.startswith(f"error[{code}]")
        assert said.endswith("\n1 error\n")


def test_a_formula_that_names_itself_is_told_as_that(tmp_path: Path) -> None:
    said = call(
        "check", cwd=project(tmp_path, "formula: fees / visits_made", "formula: average_fee / visits_made")
    )
    assert "the definition of `average_fee` names itself" in said.err


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("sum(visits.fee where fee > case when status = 'kept' fee end)", "`then` is missing before `fee`"),
        ("case when fees > 1 then 2 3 end", "`else` is missing before `3`"),
        ("case fees > 1 then 2 end", "`when` is missing before `fees`"),
        ("case when fees > 1 then 2", "the `case` that begins here has no end"),
        ("1 + case when fees > 1 then case when fees > 2 then 3 end else 5", "the `case` that begins here has no end"),
        ("visits_made where city = 'l'Aigle' and doctor = 'b'", "a quote within a text ends it"),
        ("visits_made where city in ('Villeneuve d'Ascq', 'b')", "a quote within a text ends it"),
        ("fees per patient_id", "`per` stands outside of brackets"),
        ("fees / visits_made per patient_id", "`per` stands outside of brackets"),
        ("fees across city", "`across` stands outside of brackets"),
        ("2 * Average fee", "`Average fee` is a label"),
        ("fees / average fee", "`average fee` is a label"),
        ("Taux d'absence + 1", "`Taux d'absence` is a label"),
        ("1 - missed visits", "`missed visits` is a label"),
        ("visits_made where Town = 'a'", "`Town` is a label"),
    ],
)  # fmt: skip
def test_what_a_formula_lacks_is_written_into_it(tmp_path: Path, formula: str, told: str) -> None:
    """The formula with the text that is offered in the place of what is wrong has no mistake."""
    folder = project(tmp_path)
    found = call("compile", f"x = {formula}", cwd=folder)
    assert told in " ".join(found.err.split())
    (offered,) = re.findall(r"`([^`]*)`", help_of(found.err))
    formula = _put_in(formula, told, offered)
    assert call("compile", f"x = {formula}", cwd=folder).code == 0, formula


def _put_in(formula: str, told: str, offered: str) -> str:
    """Return a formula with what is offered in the place that it is meant for."""
    if "outside of brackets" in told:
        return offered
    if "is a label" in told:
        return formula.replace(told.split("`")[1], offered)
    if "a quote" in told:
        return re.sub(r"'\w[\w ]*'\w+'", offered, formula)
    missing = told.split("`")[1]
    if missing == "case":
        return formula[: formula.index("case")] + offered
    start = formula.index("case")
    return formula[:start] + offered + formula[formula.index("end", start) + len("end") :]


@pytest.mark.parametrize(
    ("asked", "wrong", "offered"),
    [
        (["fees", "--by", "arrived_at.month"], "arrived_at.month", "month"),
        (["hours_worked", "--by", "arrived_at.month"], "arrived_at.month", "month"),
        (["fees", "hours_worked", "--by", "arrived_at.month"], "arrived_at.month", "month"),
        (["fees", "--by", "Town"], "Town", "city"),
        (["fees", "--by", "ville"], "ville", "city"),
        (["fees", "--by", "Médecin"], "Médecin", "doctor"),
        (["No-show rate"], "No-show rate", "no_show_rate"),
        (["average fee"], "average fee", "average_fee"),
        (["fees", "--where", "Town = 'a'"], "Town", "city"),
        (["average_fee", "--by", "city", "--order", "Average fee"], "Average fee", "average_fee"),
        (["fees", "--by", "city", "--having", "Town = 'a'"], "Town", "city"),
        (
            ["x = count_distinct(visits.doctor where doctor in values(staff.doctor))", "--by", "city"],
            "values(staff.doctor)",
            "total(values(staff.doctor))",
        ),
    ],
)
def test_what_is_asked_is_offered_by_its_name(
    tmp_path: Path, asked: list[str], wrong: str, offered: str
) -> None:
    folder = project(tmp_path)
    said = call("compile", *asked, cwd=folder).err
    assert f"`{offered}`" in help_of(said)
    assert said.endswith("\n1 error\n")
    place = next(n for n, part in reversed(list(enumerate(asked))) if wrong in part)
    mended = [part.replace(wrong, offered) if n == place else part for n, part in enumerate(asked)]
    assert call("compile", *mended, cwd=folder).code == 0, mended


@pytest.mark.parametrize(
    ("formula", "offered"),
    [
        ("count(visits where fee > avg(visits.fee))", ["avg(avg(visits.fee) per patient_id)", "count_distinct(visits.patient_id having avg(visits.fee) > 1)"]),
        ("sum(count(visits))", ["avg(count(visits) per patient_id)", "count_distinct(visits.patient_id having count(visits) > 1)"]),
        ("sum(visits.fee where visits_made > 3)", ["avg(visits_made per patient_id)", "count_distinct(visits.patient_id having visits_made > 1)"]),
        ("count(staff where max(staff.day) = day)", ["avg(count(staff) per doctor)", "count_distinct(staff.doctor having count(staff) > 1)"]),
        ("count(patients where count(patients) > 1)", []),
    ],
)  # fmt: skip
def test_a_value_of_many_rows_is_offered_for_whom_it_has_one(
    tmp_path: Path, formula: str, offered: list[str]
) -> None:
    folder = project(tmp_path)
    said = call("compile", f"x = {formula}", cwd=folder).err
    assert said.startswith("error[aggregate/nested]")
    assert re.findall(r"`([^`]*\([^`]*)`", help_of(said)) == offered
    for one in offered:
        assert call("compile", f"x = {one}", cwd=folder).code == 0, one


@pytest.mark.parametrize(
    ("old", "new", "offered"),
    [
        ("no_show_rate: 0.5", "no_show_rate: 50%", "0.5"),
        ("no_show_rate: 0.5", 'no_show_rate: "0,5"', "0.5"),
        ("fee: 40", "fee: 40 EUR", "40"),
        ("fee: 40", 'fee: "40,00 €"', "40"),
        ("visit_id: 2, arrived", "visit_id: 2 visits, arrived", "2"),
    ],
)
def test_a_number_with_something_behind_it_is_offered_alone(
    tmp_path: Path, old: str, new: str, offered: str
) -> None:
    assert help_of(call("check", cwd=project(tmp_path, old, new)).err) == f"write `{offered}`"
    assert (
        call(
            "test",
            cwd=project(
                tmp_path,
                old,
                f"{new.split(':')[0]}: {offered}, arrived"
                if ", " in old
                else f"{new.split(':')[0]}: {offered}",
            ),
        ).code
        == 0
    )


def test_a_comma_that_may_stand_between_thousands_is_left_open(tmp_path: Path) -> None:
    said = call("check", cwd=project(tmp_path, "fee: 40", 'fee: "1,040"'))
    assert help_of(said.err) == "write it like `40.00`"


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ("""fr: "Taux d'absence\"""", "fr: 'Taux d'absence'", """put the whole text in other quotes: `"Taux d'absence"`"""),
        ("  hours_worked: sum", "  hours_worked sum", "write `hours_worked: sum(staff.hours)`"),
        ("  visits_made: count", "  visits_made count", "write `visits_made: count(visits where status = 'kept')`"),
        ("    unit: percent", "    unit:percent", "write `unit: percent`"),
        ("    joins:\n      patient: {", "    joins:\n      patient {", "write `patient: {to: patients, using: patient_id}`"),
        ("from: {patients: city}", "from: {patients {city}}", "write `patients:` before the `{`"),
        ("\nkpis:\n", "\nkpis\n", "write `kpis:`"),
        ("kind: at_most, ", "kind: steady, tolerance: 1pp, against: 1, ", "say of what: `against: 1 year`"),
        ("kind: at_most, ", "kind: steady, tolerance: 1pp, against: 2, ", "say of what: `against: 2 years`"),
    ],
)  # fmt: skip
def test_yaml_is_told_by_the_line_that_is_wrong(tmp_path: Path, old: str, new: str, help: str) -> None:
    said = call("check", cwd=project(tmp_path, old, new)).err
    assert help_of(said) == help
    assert said.endswith("\n1 error\n")


def test_two_ways_to_a_dimension_are_both_offered(tmp_path: Path) -> None:
    second = "      referrer: {to: patients, using: {patient_id: referrer_id}}\n"
    joins = "      patient: {to: patients, using: patient_id}\n"
    folder = project(tmp_path, joins, joins + second)
    said = call("compile", "fees", "--by", "city", cwd=folder)
    assert help_of(said.err).endswith("say which: `visits: patient.city` or `visits: referrer.city`")
    text = (folder / "definitions" / "shop.yml").read_text(encoding="utf-8")
    write(tmp_path, text.replace("{patients: city}", "{patients: city, visits: referrer.city}"))
    assert call("compile", "fees", "--by", "city", cwd=folder).code == 0


def test_a_sequence_without_a_key_behind_per_is_told_so(tmp_path: Path) -> None:
    said = call(
        "compile", "x = count(visits where followed_by(visits per within 30 days))", cwd=project(tmp_path)
    )
    assert "no key stands between `per` and `within`" in said.err


def test_labels_are_told_where_names_of_commands_are_due(tmp_path: Path) -> None:
    folder = project(tmp_path)
    said = call("objectives", "No-show rate", cwd=folder).err
    assert "`no_show_rate` is a KPI, and on it is `fewer_no_shows`" in " ".join(said.split())
    said = call("test", "no-show rate", cwd=folder).err
    assert "is a label: write `no_show_rate`" in " ".join(said.split())


@pytest.mark.parametrize(
    "formula",
    [
        "count(visits where not followed_by(visits per patient_id within 30 days))",
        "count(visits where patient_id not in values(visits.patient_id where status = 'kept'))",
    ],
)
def test_an_ad_hoc_formula_is_warned_of_as_one_of_the_project(tmp_path: Path, formula: str) -> None:
    alone = call("compile", f"x = {formula}", cwd=project(tmp_path))
    defined = call("check", cwd=project(tmp_path, "  hours_worked:", f"  late: {formula}\n  hours_worked:"))
    assert alone.code == defined.code == 0
    code = re.compile(r"^warning\[([^]]*)\]: (.*)", re.MULTILINE)
    assert code.findall(alone.err) == code.findall(defined.err)[:1] != []


@pytest.mark.parametrize(
    ("formula", "help"),
    [
        ("growth(fees)", "it is used like `growth(fees, 1 year)`"),
        ("share(fees, city)", "it is used like `share(fees across city)`"),
        ("percentile(visits.fee)", "it is used like `percentile(visits.fee, 0.95)`"),
        ("count(visits, patients)", "it is used like `count(visits)`"),
        ("share(fees by city)", "write `share(fees across city)`"),
        ("growth(fees, 1 mois)", "write `1 month`"),
        ("prior(fees, last year)", "write `1 year`"),
        ("avg(fees per jour)", "write `day`"),
        ("sum(visits.fee where fee < 20€)", "write `20 EUR`"),
        ("sum(visits.fee where fee > $10)", "write `10 USD`"),
        ("fees > 2 ? 1 : 0", "write `case when fees > 2 then 1 else 0 end`"),
        ("count(visits having count(visits) > 2)", "write `count_distinct(visits.patient_id having count(visits) > 2)`"),
        ("sum(visits.fee where arrived_at > 01/01/2026)", "a date is written like `2026-01-31`"),
        ("top 10 fees", 'ask for `fees` with `--top "10 by fees"`'),
        ("> 3", "leave `>` out, or write before it what is compared"),
        ("count(visits where patient.town = 'x')", "there is `patient_id`, `city`"),
    ],
)  # fmt: skip
def test_other_languages_are_told_in_ones_own_words(tmp_path: Path, formula: str, help: str) -> None:
    folder = project(tmp_path)
    said = call("compile", f"x = {formula}", cwd=folder)
    assert help_of(said.err) == help
    assert said.err.endswith("\n1 error\n")
    written = re.fullmatch(r"(?:write|it is used like) `(.*)`", help)
    if written is not None and "(" in written[1]:
        by = ["--by", "city"] if "share" in formula else ["--period", "2026"] if "growth" in formula else []
        assert call("compile", f"x = {written[1]}", *by, cwd=folder).code == 0


@pytest.mark.parametrize(
    ("formula", "help"),
    [
        ("countif(visits.status = 'kept')", "write `count(visits where visits.status = 'kept')`"),
        ("countif(status = 'kept')", "write `count(visits where status = 'kept')`"),
        ("COUNTIF(visits.status, 'kept')", "write `count(visits where visits.status = 'kept')`"),
        ("countblank(visits.doctor)", "write `count(visits where visits.doctor is null)`"),
        ("sum(text)", "name the dataset whose rows it reads, for example `sum(visits.fee)`"),
        ("count(1)", "name the dataset whose rows it reads, for example `count(visits)`"),
    ],
)  # fmt: skip
def test_examples_are_of_the_project(tmp_path: Path, formula: str, help: str) -> None:
    folder = project(tmp_path)
    said = call("compile", f"x = {formula}", cwd=folder)
    assert help_of(said.err) == help
    assert said.err.endswith("\n1 error\n")
    (written,) = re.findall("`(.*)`", help)
    assert call("compile", f"x = {written}", cwd=folder).code == 0


@pytest.mark.parametrize(
    ("wrong", "written"),
    [
        ("datediff(day, arrived_at, patient.born) > 1", "date_diff(day, arrived_at, patient.born)"),
        ("datediff('month', arrived_at, patient.born) > 1", "date_diff(month, arrived_at, patient.born)"),
        ("datediff(arrived_at, patient.born) > 1", "date_diff(day, patient.born, arrived_at)"),
        ("datediff(patient.born, arrived_at, year) > 1", "date_diff(year, patient.born, arrived_at)"),
        ("dateadd(month, 2, arrived_at) > patient.born", "arrived_at + 2 months"),
        ("dateadd(day, -1, arrived_at) > patient.born", "arrived_at - 1 day"),
        ("date_sub(arrived_at, 3) > patient.born", "arrived_at - 3 days"),
        ("datetrunc('month', arrived_at) > patient.born", "date_trunc(month, arrived_at)"),
        ("trunc(arrived_at, 'MM') > patient.born", "date_trunc(month, arrived_at)"),
        ("not status", "status = '…'"),
        ("not patient.city", "patient.city = '…'"),
        ("not patient_id", "patient_id > 0"),
        ("not arrived_at", "arrived_at is not null"),
    ],
)
def test_what_is_offered_is_of_what_was_written(tmp_path: Path, wrong: str, written: str) -> None:
    old = "columns: {patient_id: integer, city: text}"
    folder = project(tmp_path, old, old.replace("city", "born: date, city"))
    said = call("compile", f"x = count(visits where {wrong})", cwd=folder)
    assert said.err.endswith("\n1 error\n")
    (offered,) = re.findall("`(.*)`", help_of(said.err))
    assert offered == written
    mended = written if wrong.startswith("not") else re.sub(r"^\w+\([^()]*\)", written, wrong)
    assert call("compile", f"x = count(visits where {mended})", cwd=folder).code == 0


@pytest.mark.parametrize(
    ("wrong", "written"),
    [
        ("at arrived_at where status = 'kept'", "where status = 'kept' at arrived_at"),
        ("at arrived_at where status in ('kept')", "where … at arrived_at"),
    ],
)
def test_a_condition_behind_at_is_offered_before_it(tmp_path: Path, wrong: str, written: str) -> None:
    folder = project(tmp_path)
    said = call("compile", f"x = sum(visits.fee {wrong})", cwd=folder)
    assert re.findall("`(.*)`", help_of(said.err)) == [written]
    if "…" not in written:
        assert call("compile", f"x = sum(visits.fee {written})", cwd=folder).code == 0


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ("direction: down", "direction: bas", "did you mean `down`?"),
        ("direction: down", "direction: haut", "did you mean `up`?"),
        ("kind: at_most", "kind: max", "did you mean `at_most`?"),
        ("kind: at_most", "kind: minimum", "did you mean `at_least`?"),
        ("unit: percent", "unit: percent\n    version: v2.1", "write three numbers: `version: 2.1.0`"),
        ("from: {patients: city}", "from: {patients: town}", "there is `patient_id`, `city`"),
        ("arrived_at: 2026-01-03", "arrived_at: 13/01/2026", "write `2026-01-13`"),
        ("arrived_at: 2026-01-03", "arrived_at: 2026-01", "write `2026-01-01`"),
        ("status: text", "status: {type: text, values: kept, missed}", "write `values: [kept, missed]`"),
        ("status: text", "status: {type: text, values: kept, no show, required: true}", "write `values: [kept, no show]`"),
        ("{en: [missed visits]}", "{en: missed visits, absences, nobody}", "write `en: [missed visits, absences, nobody]`"),
        ("period: month, target", "period: month, by: city, doctor, target", "write `by: [city, doctor]`"),
    ],
)  # fmt: skip
def test_definitions_in_other_words(tmp_path: Path, old: str, new: str, help: str) -> None:
    said = call("check", cwd=project(tmp_path, old, new)).err
    assert help_of(said) == help
    assert said.endswith("\n1 error\n")


TABLES = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_on
    unit: order
    columns:
      order_id: integer
      customer_id: integer
      ordered_on: date
      currency: text
      total: "decimal(12,2)"
      weight: "decimal(9,3)"
      paid: {type: "decimal(12,2)", unit: EUR}
      worth: {type: "decimal(12,2)", unit: EUR/order}
      unique_items: integer
      discount: {type: "decimal(6,4)", unit: percent}
      number: {type: integer, expr: "row_number(per customer_id order by ordered_on, order_id)"}
  items:
    table: items
    key: [order_id, line]
    time: day
    columns:
      order_id: integer
      line: integer
      day: date
      quantity: {type: integer, unit: item}
      price: {type: "decimal(9,2)", unit: EUR/item}
  days:
    table: days
    key: [day, shop]
    time: day
    columns:
      day: date
      shop: text
      visits: {type: integer, unit: visit}
      buys: {type: integer, unit: order}
      rate: {type: "decimal(9,6)", unit: percent}
dimensions:
  shop: {from: {days: shop}}
metrics:
  placed: count(orders)
  conversion: sum(days.buys) / sum(days.visits)
"""


@pytest.mark.parametrize(
    ("formula", "code", "help"),
    [
        ("sum(days.rate)", "aggregate/sum-of-rates", "divide sums, `sum(…) / sum(…)`, or weigh by the wholes: `weighted_avg(days.rate, …)`"),
        ("sum(days.buys / visits)", "aggregate/sum-of-rates", "divide sums, `sum(…) / sum(…)`, or weigh by the wholes: `weighted_avg(days.buys / days.visits, …)`"),
        ("sum(orders.discount)", "aggregate/sum-of-rates", None),
        ("sum(items.price)", "aggregate/sum-of-rates", "divide sums, `sum(…) / sum(…)`, or weigh by the wholes: `weighted_avg(items.price, quantity)`"),
        ("avg(days.rate)", "aggregate/mean-of-rates", None),
        ("avg(conversion per day)", "aggregate/mean-of-rates", "the ratio of the whole time is `conversion`; where the mean is meant, `sum(conversion per day) / count(conversion per day)` says so"),
        ("sum(orders.unique_items)", "aggregate/sum-of-distinct", None),
        ("sum(orders.total)", "unit/row-currencies", None),
        ("max(orders.total where number = 1)", "unit/row-currencies", None),
        ("count(orders where followed_by(orders per order_id within 7 days))", "grain/own-key", "write `per customer_id` for rows that belong together"),
        ("count(orders where followed_by(items then orders per order_id))", "grain/own-key", None),
        ("count_distinct(orders.order_id having count(orders) >= 2)", "grain/own-key", None),
        ("avg(placed per order_id)", "grain/own-key", None),
        ("median(count(items) per items.line, order_id)", "grain/own-key", "write `per order_id` for rows that belong together"),
    ],
)  # fmt: skip
def test_numbers_without_a_meaning_are_warned_of(
    tmp_path: Path, formula: str, code: str, help: str | None
) -> None:
    folder = write(tmp_path, TABLES)
    alone = call("compile", f"x = {formula}", cwd=folder)
    assert alone.code == 0
    assert alone.err.startswith(f"warning[{code}]")
    assert alone.err.endswith("\n1 warning\n")
    assert help in (None, help_of(alone.err))
    defined = call("check", cwd=write(tmp_path, f"{TABLES}  x: {formula}\n"))
    assert defined.code == 0
    assert re.findall(r"warning\[(.*?)\]", defined.err) == [code]
    for written in re.findall(r"`([a-z_]+\([^`…]*)`", alone.err.rpartition("help:")[2]):
        assert call("compile", f"y = {' '.join(written.split())}", cwd=folder).err == ""


@pytest.mark.parametrize(
    "asked",
    [
        ["x = sum(days.rate * visits)"],
        ["x = weighted_avg(days.rate, visits)"],
        ["x = weighted_avg(days.rate, 1)"],
        ["x = avg(orders.discount)"],
        ["x = sum(items.price * quantity)"],
        ["x = avg(items.price)"],
        ["x = sum(orders.worth)"],
        ["x = max(days.rate)"],
        ["x = avg(conversion per shop)"],
        ["x = avg(placed per day)"],
        ["x = max(placed per weekday)"],
        ["x = median(count(items) per items.line, weekday)"],
        ["x = sum(conversion per day) / count(conversion per day)"],
        ["x = max(orders.unique_items)"],
        ["x = sum(orders.paid)"],
        ["x = sum(orders.weight)"],
        ["x = sum(orders.total where currency = 'EUR')"],
        ["x = sum(orders.total)", "--by", "orders.currency"],
        ["x = sum(orders.total)", "--where", "orders.currency = 'EUR'"],
        ["x = count(orders where followed_by(items per order_id))"],
        ["x = count(items where preceded_by(orders per order_id))"],
        ["x = count(items where followed_by(items per order_id))"],
        ["x = avg(sum(orders.paid) per order_id)"],
        ["x = avg(count(orders where currency = 'EUR') per order_id)"],
        ["x = avg(count(items) per order_id)"],
    ],
)
def test_numbers_that_mean_what_they_say_are_not(tmp_path: Path, asked: list[str]) -> None:
    said = call("compile", *asked, cwd=write(tmp_path, TABLES))
    assert (said.code, said.err) == (0, "")


def test_conditions_of_a_dataset_and_demands_of_a_kpi_speak_of_the_currency(tmp_path: Path) -> None:
    kept = TABLES.replace("    unit: order\n", "    unit: order\n    where: currency = 'EUR'\n", 1)
    assert call("compile", "x = sum(orders.total)", cwd=write(tmp_path, kept)).err == ""
    one = TABLES.replace("currency: text", "currency: {type: text, values: [EUR]}")
    assert call("compile", "x = sum(orders.total)", cwd=write(tmp_path, one)).err == ""
    kpi = """\
kpis:
  takings:
    label: Takings
    formula: sum(orders.total)
    requires: [orders.currency]
    direction: up
    owner: shop@shop.example
"""
    assert "row-currencies" not in call("check", cwd=write(tmp_path, TABLES + kpi)).err
    demanded = kpi.replace("    requires: [orders.currency]\n", "")
    assert "row-currencies" in call("check", cwd=write(tmp_path, TABLES + demanded)).err


@pytest.mark.parametrize(
    ("asked", "help"),
    [
        (["--by", "month"], "group by a dimension, as in `--by channel`; the part of each month in all of them is `share(placed across month)`"),
        ([], "group by a dimension, as in `--by channel`"),
        (["--by", "orders.currency"], None),
    ],
)  # fmt: skip
def test_a_share_of_itself_is_told(tmp_path: Path, asked: list[str], help: str | None) -> None:
    said = call("compile", "x = share(placed)", *asked, cwd=write(tmp_path, TABLES))
    assert said.code == 0
    assert said.err.startswith("warning[share/of-itself]") is (help is not None)
    if help is not None:
        assert help_of(said.err) == help
        assert call("compile", "x = share(placed across month)", "--by", "month", cwd=tmp_path).err == ""


def test_a_date_has_no_hours_but_other_parts(tmp_path: Path) -> None:
    folder = write(tmp_path, TABLES)
    said = call("compile", "placed", "--where", "hour_of_day = 3", cwd=folder)
    assert said.err.startswith("error[time/no-time-of-day]")
    assert help_of(said.err) == "a date has its `weekday` and `month_of_year`; hours are asked of a timestamp"
    assert call("compile", "placed", "--where", "weekday = 3 and month_of_year = 2", cwd=folder).code == 0


@pytest.mark.parametrize(
    ("formula", "right"),
    [
        ("count(orders where followed_by(items per within 7 days))", "per order_id within"),
        ("count(items where not preceded_by(orders where currency = 'EUR' per from 2 days))", "per order_id from"),
        ("count(orders where followed_by(orders where currency = 'EUR' per within 7 days))", "per customer_id within"),
    ],
)  # fmt: skip
def test_a_key_that_is_left_out_is_one_that_both_have(tmp_path: Path, formula: str, right: str) -> None:
    folder = write(tmp_path, TABLES)
    said = call("compile", f"x = {formula}", cwd=folder)
    assert help_of(said.err) == f"write `{right}`"
    assert said.err.endswith("\n1 error\n")
    assert help_of(call("check", cwd=write(tmp_path, f"{TABLES}  x: {formula}\n")).err) == f"write `{right}`"
    word = right.rpartition(" ")[2]
    mended = formula.replace(f"per {word}", right)
    assert call("compile", f"y = {mended}", cwd=write(tmp_path, TABLES)).err == ""

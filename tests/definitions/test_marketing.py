"""The marketing lexicon that ships: without a diagnostic, tested, in two languages, and complete."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from kpidsl.checking import load
from kpidsl.diagnostics import Severity, Sink
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.lints import lint
from kpidsl.testing import run_tests
from kpidsl.words.data import metric_facts
from tests.cli.running import call

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = {"en", "fr"}
COVERAGE: Mapping[str, Any] = yaml.safe_load(
    Path(__file__).with_name("coverage.yml").read_text(encoding="utf-8")
)
KPIS: Mapping[str, Mapping[str, list[str]]] = COVERAGE["kpis"]
KIND_OF = {
    name: COVERAGE["kinds"][letter]
    for kinds in KPIS.values()
    for letter, names in kinds.items()
    for name in names
} | {name: told["kind"] for told in COVERAGE["told_as"] for name in told["definitions"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("lexicon")
    copytree(ROOT / "definitions" / "marketing", project / "definitions")
    (project / "kpidsl.yml").write_text("project: lexicon\nlanguage: 1\n", encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def lexicon(folder: Path) -> CheckedProject:
    sink = Sink()
    checked = load(folder, sink)
    assert checked is not None
    lint(checked, sink)
    assert [(found.rule.code, found.message) for found in sink.diagnostics()] == []
    return checked


def kpis(lexicon: CheckedProject) -> list[str]:
    return [name for name, metric in lexicon.metrics.items() if metric.definition.kind == "kpi"]


def test_every_test_inside_passes_on_an_engine_with_and_one_without_dates(lexicon: CheckedProject) -> None:
    for url in ("duckdb:///:memory:", "sqlite:///:memory:"):
        sink = Sink()
        outcomes = run_tests(lexicon, (), url, sink)
        assert not any(found.rule.severity is Severity.ERROR for found in sink.diagnostics())
        assert [one for one in outcomes if one.difference] == []
        assert {one.metric for one in outcomes} == set(kpis(lexicon))


def test_what_holds_between_kpis(folder: Path, tmp_path: Path) -> None:
    copytree(folder, tmp_path, dirs_exist_ok=True)
    laws = Path(__file__).with_name("laws.yml")
    (tmp_path / "definitions" / laws.name).write_bytes(laws.read_bytes())
    names = list(yaml.safe_load(laws.read_text(encoding="utf-8"))["metrics"])
    done = call("test", *names, cwd=tmp_path)
    assert (done.code, done.err) == (0, ""), done.out
    assert done.out.endswith(f"{len(names)} passed, 0 failed\n")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("mixed = ad_spend + ad_clicks",), "unit/mismatch"),
        (("left = sessions - conversion_rate_session",), "unit/mismatch"),
        # People are known for one campaign or account, and the daily table has no people at all.
        (("ad_people_reached", "--period", "2026-05"), "kpi/requires"),
        (("ctr_unique_reach", "--by", "campaign", "--period", "2026-05"), "kpi/requires"),
        (
            ("people = ad_people_reached", "--by", "entity,entity_level,campaign", "--period", "2026-05"),
            "dimension/unreachable",
        ),
        # Costs know no channel: they meet the leads by campaign, which both have.
        (("cpl", "--by", "channel"), "dimension/unreachable"),
        (("channel_share",), "kpi/requires"),
    ],
)
def test_what_must_not_be_asked_is_refused(folder: Path, asked: tuple[str, ...], code: str) -> None:
    refused = call("compile", *asked, cwd=folder)
    assert refused.code == 1
    assert f"error[{code}]" in refused.err


def test_the_order_of_a_line_is_not_added_up_by_lines(folder: Path, tmp_path: Path) -> None:
    copytree(folder, tmp_path, dirs_exist_ok=True)
    doubled = "metrics:\n  charged: {formula: sum(order_lines.order.tax_amount)}\n"
    (tmp_path / "definitions" / "own.yml").write_text(doubled, encoding="utf-8")
    assert "warning[grain/repeated-parent]" in call("check", cwd=tmp_path).err


def test_every_kpi_says_what_a_kpi_has_to_say(lexicon: CheckedProject) -> None:
    for name in kpis(lexicon):
        kpi = lexicon.project.metrics[name]
        assert (kpi.version or "").startswith("1."), name
        assert set(kpi.label) == set(kpi.description) == LANGUAGES, name
        assert set(kpi.synonyms) == LANGUAGES, name
        assert kpi.references, name
        assert all(address.startswith("https://") for address in kpi.references), name
        assert kpi.stage in {"acquisition", "conversion", "retention", "satisfaction", "value"}, name
        assert kpi.tags, name
        assert kpi.format is not None, name
        # A description is a sentence and more than the label.
        for language, text in kpi.description.items():
            assert text.endswith("."), (name, text)
            assert text.rstrip(".") != kpi.label[language], (name, text)


def test_kpis_that_share_a_word_are_variants_of_one_everyday_name(lexicon: CheckedProject) -> None:
    metrics = lexicon.project.metrics
    for language in LANGUAGES:
        bearers: dict[str, list[str]] = {}
        for name in kpis(lexicon):
            for word in {metrics[name].label[language], *metrics[name].synonyms[language]}:
                bearers.setdefault(word.casefold(), []).append(name)
        for word, names in bearers.items():
            everyday = {metrics[name].terms.variant_of for name in names}
            assert len(names) == 1 or (len(everyday) == 1 and None not in everyday), (word, names)


@pytest.mark.parametrize(
    ("word", "everyday"),
    [
        ("ROI", "roi"),
        ("retour sur investissement", "roi"),
        ("Taux de clic", "ctr"),
        ("taux de clic e-mail", "email_click_rate"),
        ("taux de conversion", "conversion_rate"),
        ("durée moyenne de rétention client", "retention"),
        ("taux de rebond", "bounce_rate"),
        ("fréquence des requêtes", "query_frequency"),
        ("temps passé sur la page", "time_on_page"),
        ("valeur vie client", "customer_value"),
    ],
)
def test_words_of_several_kpis_name_them_in_both_languages(
    word: str, everyday: str, folder: Path, lexicon: CheckedProject
) -> None:
    told = " ".join(call("run", word, cwd=folder).err.split())
    assert f"`{word}` is an everyday name for " in told
    named = set(re.findall(r"`(\w+)`", told.split("= help:")[1]))
    assert len(named) > 1
    assert {lexicon.project.metrics[name].terms.variant_of for name in named} == {everyday}


def test_the_words_beside_the_kpis_are_in_both_languages(lexicon: CheckedProject) -> None:
    project = lexicon.project
    named: Iterator[Any] = iter(
        [*project.datasets.values(), *project.dimensions.values(), *project.filters.values()]
        + [*project.parameters.values()]
        + [metric for metric in project.metrics.values() if metric.kind == "metric"]
    )
    for one in named:
        assert set(one.label) == LANGUAGES, one.name
        assert set(one.description) in (set(), LANGUAGES), one.name
    for dataset in project.datasets.values():
        assert set(dataset.description) == LANGUAGES, dataset.name
        for column in dataset.columns.values():
            assert set(column.description) in (set(), LANGUAGES), (dataset.name, column.name)


def test_every_dataset_is_read_by_something(lexicon: CheckedProject) -> None:
    read = {dataset for name in kpis(lexicon) for dataset in metric_facts(lexicon, name)["reads"]}
    # Looked up by joins and dimensions only; the history is what a company's own segments are read from.
    assert set(lexicon.project.datasets) - read <= {"campaigns", "pages", "products", "customer_history"}


def test_all_ninety_entries_are_defined_and_each_definition_stands_for_one(lexicon: CheckedProject) -> None:
    assert list(KPIS) == [f"K{number:02}" for number in range(1, 91)]
    names = [name for kinds in KPIS.values() for names in kinds.values() for name in names]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert set(names) == set(kpis(lexicon))


def test_whether_figures_add_up_is_inferred_as_they_are_meant(lexicon: CheckedProject) -> None:
    for name in kpis(lexicon):
        assert metric_facts(lexicon, name)["additivity"] == KIND_OF[name], name


def test_what_is_told_otherwise_is_no_less_careful() -> None:
    """A figure that must not be added up is never told as one that may be."""
    meant = {name: letter for kinds in KPIS.values() for letter, names in kinds.items() for name in names}
    for told in COVERAGE["told_as"]:
        assert told["kind"] not in ("additive", "semi-additive")
        for name in told["definitions"]:
            assert meant[name] != "A", name
            assert COVERAGE["kinds"][meant[name]] != told["kind"], name


def test_an_everyday_name_alone_lists_its_meanings(lexicon: CheckedProject, folder: Path) -> None:
    for everyday, meanings in COVERAGE["everyday_names"].items():
        variants = {
            name for name in kpis(lexicon) if lexicon.project.metrics[name].terms.variant_of == everyday
        }
        assert variants == set(meanings), everyday
        asked = call("compile", everyday, cwd=folder)
        assert asked.code == 1
        assert "error[name/variants]" in asked.err, everyday
        assert all(f"`{name}`" in asked.err for name in meanings), asked.err


def test_everything_that_the_source_names_is_answered(lexicon: CheckedProject) -> None:
    project = lexicon.project
    known = {
        "kpis": set(kpis(lexicon)),
        "dimensions": set(project.dimensions),
        "filters": set(project.filters),
        "pages": {page.stem for page in (ROOT / "docs" / "reference").glob("*.md")},
    }
    for section, items in COVERAGE["inventory"].items():
        for item, answers in items.items():
            assert answers, (section, item)
            for kind, names in answers.items():
                assert names, (section, item)
                assert set(names) <= known[kind], (section, item, names)

"""All codes of the product: importing the rooms that declare them."""

from __future__ import annotations

from importlib import import_module

from kpidsl.diagnostics.rules import RULES, Rule

_DECLARED_IN = (
    "kpidsl.loading.errors",
    "kpidsl.loading.schema_errors",
    "kpidsl.syntax.errors",
    "kpidsl.model.errors",
    "kpidsl.model.time_errors",
    "kpidsl.model.binding_errors",
    "kpidsl.semantics.errors",
    "kpidsl.semantics.unavailable",
    "kpidsl.semantics.binding_errors",
    "kpidsl.semantics.time_errors",
    "kpidsl.semantics.lint_errors",
    "kpidsl.semantics.parameter_errors",
    "kpidsl.semantics.query_errors",
    "kpidsl.semantics.instant_errors",
    "kpidsl.semantics.move_errors",
    "kpidsl.semantics.set_errors",
    "kpidsl.semantics.totals_errors",
    "kpidsl.semantics.terms_errors",
    "kpidsl.semantics.join_errors",
    "kpidsl.semantics.unit_errors",
    "kpidsl.semantics.aggregate_errors",
    "kpidsl.semantics.sequence_errors",
    "kpidsl.semantics.entity_errors",
    "kpidsl.semantics.fragment_errors",
    "kpidsl.semantics.derived_errors",
    "kpidsl.binding.errors",
    "kpidsl.objectives.errors",
    "kpidsl.objectives.value_errors",
    "kpidsl.objectives.row_errors",
    "kpidsl.objectives.scorecard_errors",
    "kpidsl.objectives.trajectory_errors",
    "kpidsl.objectives.allocation_errors",
    "kpidsl.objectives.guardrail_errors",
    "kpidsl.objectives.part_errors",
    "kpidsl.objectives.reconcile_errors",
    "kpidsl.objectives.rival_errors",
    "kpidsl.objectives.parity_errors",
    "kpidsl.objectives.benchmark_errors",
    "kpidsl.objectives.signal_errors",
    "kpidsl.sql.errors",
    "kpidsl.engines.errors",
    "kpidsl.verifying.errors",
)


def all_rules() -> dict[str, Rule]:
    """Return every rule by its code, sorted."""
    for module in _DECLARED_IN:
        import_module(module)
    return dict(sorted(RULES.items()))

"""All tables of the roastery, from a scale and a seed."""

from __future__ import annotations

from random import Random

from . import audience, media, service
from .people import Lead
from .shop import Shop, memberships
from .site import Site, page_rows
from .tables import COLUMNS, Row, Tables


def tables(scale: float = 1.0, seed: int = 1) -> Tables:
    """Return the rows of every table of the star; with a scale of 1 some 47,000 visits.

    Each theme draws from numbers of its own, so that a change of one leaves the others as they are.
    """

    def drawn_for(theme: str) -> Random:
        return Random(f"{seed}:{theme}")

    shop = Shop(drawn_for("shop"))
    site = Site(drawn_for("site"), shop, scale)
    site.run()
    advertising = media.Advertising(drawn_for("media"), site.campaign_clicks, shop.counted, scale)
    social = audience.Social(drawn_for("social"), scale)
    search = audience.Search(drawn_for("search"), scale)
    others = [customer for customer in shop.customers if not customer.is_internal]
    requests = service.tickets(drawn_for("tickets"), others, scale)
    found: Tables = {
        "pages": page_rows(drawn_for("pages")),
        "sessions": site.sessions,
        "web_events": site.events,
        "campaigns": media.campaign_rows(),
        "ad_performance": advertising.performance,
        "ad_reach": advertising.reach(),
        "campaign_budgets": advertising.budgets(),
        "campaign_costs": advertising.costs(),
        "email_sends": media.email_sends(drawn_for("email"), scale),
        "leads": [_lead(lead) for lead in shop.leads],
        "customers": service.customer_rows(shop.customers),
        "customer_history": service.customer_history(drawn_for("history"), shop.customers),
        "memberships": memberships(drawn_for("memberships"), shop.customers),
        "customer_scores": service.customer_scores(drawn_for("scores"), shop.customers),
        "products": shop.products,
        "carts": [row for row in site.carts if row[0] not in site.own_carts],
        "orders": shop.orders,
        "order_lines": shop.lines,
        "refunds": shop.refunds,
        "exchange_rates": media.exchange_rates(drawn_for("rates")),
        "social_posts": social.posts,
        "social_accounts": social.accounts,
        "social_reach": social.reach,
        "search_site": search.site,
        "search_pages": search.pages,
        "keyword_ranks": audience.keyword_ranks(drawn_for("ranks")),
        "click_curve": audience.click_curve(),
        "site_snapshots": audience.site_snapshots(drawn_for("snapshots")),
        "brand_searches": audience.brand_searches(drawn_for("brands")),
        "tickets": requests,
        "survey_responses": service.survey_responses(drawn_for("surveys"), shop.counted, requests),
        "reviews": service.reviews(drawn_for("reviews"), shop.counted),
        "interactions": service.interactions(drawn_for("contacts"), shop.customers, requests),
        "benchmarks": service.benchmarks(drawn_for("benchmarks")),
    }
    return {name: found[name] for name in COLUMNS}


def _lead(lead: Lead) -> Row:
    return (
        lead.lead_id,
        lead.email_hash,
        lead.visitor_id,
        lead.created_at,
        lead.platform,
        lead.campaign_id,
        lead.score,
        lead.mql_at,
        lead.sql_at,
        lead.converted_at,
        lead.customer_id,
        lead.is_duplicate,
        lead.expected,
        lead.currency,
    )

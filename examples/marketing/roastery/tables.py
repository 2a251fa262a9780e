"""The tables of the lexicon's star: each column and its type, as the lexicon's datasets name them."""

from __future__ import annotations

from typing import Any

Row = tuple[Any, ...]
Tables = dict[str, list[Row]]

_COLUMNS = {
    "pages": "page_url text, path text, content_group text, published_at timestamp",
    "sessions": """
        session_id text, visitor_id text, customer_id text, started_at timestamp, ended_at timestamp,
        session_number integer, source text, medium text, platform text, campaign_id text, landing_page
        text, device text, country text, pageviews integer, interaction_hits integer, key_events
        integer, engaged_time decimal(18,3), duration decimal(18,3), is_bot boolean, is_internal boolean""",
    "web_events": """
        event_id text, visitor_id text, user_id text, session_id text, happened_at timestamp, event_name
        text, is_key_event boolean, page_url text, search_term text, engagement_time integer,
        transaction_id text, is_bot boolean, is_internal boolean""",
    "campaigns": "platform text, campaign_id text, name text, objective text, started_on date, ended_on date",
    "ad_performance": """
        served_on date, platform text, account_id text, campaign_id text, ad_group_id text, ad_id text,
        impressions integer, measurable_impressions integer, viewable_impressions integer, clicks
        integer, spend_amount decimal(18,6), conversions decimal(18,6), conversions_amount
        decimal(18,6), currency text""",
    "ad_reach": """
        covers_from date, covers_until date, platform text, entity_level text, entity_id text, reach
        integer, unique_clickers integer, impressions integer""",
    "campaign_budgets": "planned_on date, platform text, campaign_id text, budget decimal(18,6)",
    "campaign_costs": """
        cost_id text, platform text, campaign_id text, incurred_on date, cost_type text, hours
        decimal(12,2), cost_amount decimal(18,6), currency text""",
    "email_sends": """
        send_id text, platform text, campaign_id text, recipient_id text, sent_at timestamp,
        delivered_at timestamp, bounce_type text, first_opened_at timestamp, opens integer,
        first_clicked_at timestamp, clicks integer, unsubscribed_at timestamp, complained_at timestamp""",
    "leads": """
        lead_id text, email_hash text, visitor_id text, created_at timestamp, platform text, campaign_id
        text, score integer, mql_at timestamp, sql_at timestamp, converted_at timestamp, customer_id
        text, is_duplicate boolean, expected_amount decimal(18,2), currency text""",
    "customers": """
        customer_id text, created_at timestamp, acquisition_channel text, segment text, country text,
        is_internal boolean""",
    "customer_history": "customer_id text, valid_from date, valid_to date, segment text, status text",
    "memberships": """
        customer_id text, valid_from date, valid_to date, monthly_amount decimal(18,2), currency text""",
    "customer_scores": """
        customer_id text, scored_on date, purchase_probability float, churn_probability float,
        predicted_revenue decimal(18,2), expected_retention decimal(18,2), predicted_lifetime_value
        decimal(18,2)""",
    "products": "product_id text, category text",
    "carts": """
        cart_id text, visitor_id text, customer_id text, created_at timestamp, checkout_started_at
        timestamp""",
    "orders": """
        order_id text, customer_id text, session_id text, cart_id text, ordered_at timestamp,
        cancelled_at timestamp, is_test boolean, gross_amount decimal(18,2), discount_amount
        decimal(18,2), shipping_amount decimal(18,2), tax_amount decimal(18,2), refunded_amount
        decimal(18,2), currency text""",
    "order_lines": """
        order_line_id text, order_id text, product_id text, quantity integer, net_amount decimal(18,2),
        cost_amount decimal(18,2), is_addon boolean""",
    "refunds": """
        refund_id text, order_id text, refunded_at timestamp, refunded_amount decimal(18,2), currency
        text""",
    "exchange_rates": "quoted_on date, from_currency text, to_currency text, rate decimal(18,8)",
    "social_posts": """
        platform text, post_id text, date_day date, account_id text, published_on date, post_type text,
        impressions integer, views integer, clicks integer, likes integer, comments integer, shares
        integer, saves integer""",
    "social_accounts": """
        platform text, account_id text, date_day date, followers integer, new_followers integer,
        unfollows integer""",
    "social_reach": "platform text, account_id text, covers_from date, covers_until date, reach integer",
    "search_site": """
        data_date date, site_url text, query text, is_anonymized boolean, country text, search_type
        text, device text, impressions integer, clicks integer, sum_top_position integer,
        reported_position float""",
    "search_pages": """
        data_date date, site_url text, url text, query text, is_anonymized boolean, country text,
        search_type text, device text, impressions integer, clicks integer, sum_position integer""",
    "keyword_ranks": """
        checked_on date, keyword text, engine text, device text, locale text, position integer,
        search_volume integer""",
    "click_curve": "position integer, click_rate decimal(9,6)",
    "site_snapshots": """
        seen_on date, site_url text, submitted_pages integer, indexed_pages integer, backlinks integer,
        referring_domains integer""",
    "brand_searches": "month_on date, brand text, is_own boolean, searches integer",
    "tickets": """
        ticket_id text, customer_id text, created_at timestamp, first_reply_at timestamp,
        first_reply_business_time integer, first_solved_at timestamp, first_reopened_at timestamp,
        solved_at timestamp, contact_channel text, agent_replies integer, satisfaction text""",
    "survey_responses": """
        response_id text, survey_id text, question text, respondent_id text, invited_at timestamp,
        responded_at timestamp, score integer, scale_min integer, scale_max integer, ticket_id text,
        order_id text""",
    "reviews": "review_id text, created_at timestamp, platform text, rating integer",
    "interactions": """
        interaction_id text, customer_id text, occurred_at timestamp, contact_channel text, direction
        text""",
    "benchmarks": """
        kpi_name text, compared_with text, covers_from date, covers_until date, value float, source text""",
}


def typed(text: str) -> tuple[tuple[str, str], ...]:
    """Read columns with their types."""
    # The comma of `decimal(18,2)` has no blank behind it.
    parts = " ".join(text.split()).split(", ")
    return tuple((name, type_) for name, _, type_ in (part.partition(" ") for part in parts))


COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {name: typed(text) for name, text in _COLUMNS.items()}
"""Of each table the names of its columns with their types, in the order of the rows' values."""

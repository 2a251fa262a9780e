"""Other names by which tables and columns are called, and the shapes that names have.

A proposal says which of these it rests on; what two of them lead to is not bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kpidsl.model.plain_names import plain

_COLUMNS = (
    "served_on date_day day date segments_date report_date stat_date jour date_jour",
    "spend_amount spend cost amount_spent cost_amount cout couts depense depenses montant_depense",
    "conversions_amount conversions_value conversion_value revenue_value",
    "impressions impr nb_impressions affichages",
    "clicks link_clicks clics nb_clics nombre_clics",
    "order_id commande_id",
    "order_line_id ligne_id ligne_commande_id line_id order_item_id",
    "product_id produit_id article_id item_id",
    "review_id avis_id",
    "refund_id remboursement_id",
    "send_id envoi_id",
    "account_id compte_id",
    "campaign_id campagne_id",
    "ad_id annonce_id",
    "recipient_id destinataire_id",
    "customer_id buyer_id client_id user_id shopper_id id_client account_id",
    "ordered_at order_date placed_at purchased_at created_timestamp date_commande commande_le date_achat",
    "created_at cree_le date_creation date_avis depose_le",
    "cancelled_at canceled_at annule_le annulee_le date_annulation",
    "refunded_at rembourse_le remboursee_le date_remboursement",
    "sent_at envoye_le date_envoi",
    "delivered_at delivre_le delivree_le remis_le date_remise",
    "unsubscribed_at desinscrit_le desabonne_le date_desinscription",
    "started_at session_start session_start_timestamp visit_start began_at debut debut_le date_debut",
    "happened_at event_timestamp event_time occurred_at occurred",
    "visitor_id user_pseudo_id client_key anonymous_id cookie_id visiteur_id",
    "pageviews page_views count_pageviews nb_pages pages",
    "currency currency_code iso_currency devise",
    "gross_amount gross gross_sales total_line_items_price montant_brut",
    "discount_amount discount discounts total_discounts rebate remise",
    "refunded_amount refunded refunds returns refund_subtotal montant_rembourse",
    "shipping_amount shipping shipping_cost frais_de_port frais_port frais_livraison",
    "tax_amount tax total_tax tva",
    "country country_code pays",
    "landing_page landing_page_path entry_page",
    "quantity qty quantite qte units",
    "session_id visit_id visite_id",
    "event_name event_type",
    "page_url url page_location",
    "landing_page landing",
    "is_bot robot is_robot",
    "is_internal staff is_staff is_employee",
    "rating stars note",
    "first_opened_at opened_at opened ouvert_le date_ouverture",
    "first_clicked_at clicked_at clicked clique_le date_clic",
    "category categorie product_type",
    "ended_at session_end visit_end fin fin_le date_fin",
    "started_on start_date date_debut",
    "ended_on end_date date_fin",
    "valid_from started_at starts_at started_on start_date date_debut",
    "valid_to ended_at ends_at ended_on end_date date_fin",
    "ad_group_id adgroup_id adset_id ad_set_id groupe_id groupe_annonces_id",
    "account_id ad_account_id advertiser_id",
    "contact_channel channel canal",
    "responded_at answered_at submitted_at",
    "respondent_id user_id customer_id contact_id",
    "monthly_amount mrr monthly_price",
    "device device_category device_type",
)
_TABLES = (
    "ad_performance ads ad_report ads_daily google_ads meta_ads facebook_ads linkedin_ads microsoft_ads "
    "tiktok_ads google_ads_daily ad_daily campaign_report publicite publicites campagnes_google "
    "campagnes_meta",
    "orders sales purchases commandes ventes shopify_orders",
    "order_lines order_items line_items sales_lines lignes_de_commande lignes_commande lignes",
    "memberships subscriptions contracts abonnements contrats",
    "survey_responses nps_responses nps_surveys survey_answers surveys enquetes",
    "customers clients users contacts people shopify_customers accounts companies",
    "sessions visits visites web_sessions",
    "web_events events hits evenements",
    "exchange_rates fx_rates currency_rates taux_de_change",
    "email_sends emails mails mailings sends email_recipients envois emailings",
    "products items articles produits",
    "tickets cases support_tickets requests",
    "campaigns campaign_history campagnes",
    "leads prospects opportunities",
    "refunds returns remboursements",
    "carts baskets checkouts abandoned_checkouts paniers",
    "reviews ratings avis",
)
_PREFIXES = re.compile(r"^(?:fct|fact|dim|stg|raw|src|int|mart|tbl|t|vw|v)_+")
_ENDINGS = ("_timestamp", "_datetime", "_time", "_ts", "_date", "_on", "_at")


def without_links(name: str) -> str:
    """Return a plain name without French words between others: `date_de_la_commande` is date_commande."""
    return re.sub(r"_(?:d|de|des|du|l|la|le|les)(?=_)", "", name)


def identifiers(stem: str) -> Iterator[str]:
    """Yield what the number of one of something is called."""
    yield from (f"{stem}_id", f"{stem}_key", f"{stem}_no", f"{stem}_number")
    yield from (f"{first}_{stem}" for first in ("id", "n", "no", "num", "numero", "code", "ref", "reference"))


def singular(name: str) -> str:
    """Return a name for one of what it names many of, as far as its last letters tell."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def table_names(dataset: str) -> Iterator[str]:
    """Yield what a dataset's table may be called besides the dataset's own name."""
    for line in _TABLES:
        names = line.split()
        if dataset == names[0]:
            yield from names[1:]


def bare_table(name: str) -> str:
    """Return a table's own name without its schema, and without what tells its kind."""
    bare = plain(name.rpartition(".")[2])
    return _PREFIXES.sub("", bare)


def column_names(column: str, dataset: str) -> Iterator[str]:
    """Yield what a dataset's column may be called besides its own name."""
    one = singular(dataset)
    if column in (f"{one}_id", f"{dataset}_id"):
        yield from ("id", "no", "key")
    if column.endswith("_id"):
        stem = column.removesuffix("_id")
        yield from (stem, *identifiers(stem))
    for ending in _ENDINGS:
        if column.endswith(ending):
            stem = column.removesuffix(ending)
            yield from (stem, *(f"{stem}{other}" for other in _ENDINGS if other != ending))
    if column.startswith("is_"):
        yield from (column.removeprefix("is_"), f"{column.removeprefix('is_')}_flag")
    if column.endswith("_amount"):
        yield column.removesuffix("_amount")
    if (dataset, column) == ("refunds", "refunded_amount"):
        yield from ("amount", "montant")
    if (dataset, column) == ("ad_performance", "account_id"):
        yield "customer_id"  # so Google Ads calls whose account it is
    if column == "name":
        yield f"{one}_name"
    for line in _COLUMNS:
        names = line.split()
        if column == names[0]:
            for name in names[1:]:
                yield name
                if name.endswith("_id"):
                    yield from (name.removesuffix("_id"), *identifiers(name.removesuffix("_id")))

"""La Brûlerie, a coffee roaster that sells beans, machines and subscriptions online in five countries.

Nobody's data: drawn from a seed, the same rows each time, with what real data have as well: guests, visitors
without consent, robots, test orders, refunds, accounts in other currencies and zones, days without spend,
figures that come late, gaps.
"""

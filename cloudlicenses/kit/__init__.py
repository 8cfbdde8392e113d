"""Small things that know no noun of our trade: refusals, time, ids, money, tokens, limits."""

"""All licenses of a tenant at one glance, in one query whatever their number: seats in use and free, and which are the fullest."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from cloudlicenses.kit import clock, months

# The rule of `queries.free_seats`, and of `standing.state_of` for what is in force.
GLANCE = """
    WITH held AS (
        SELECT license_id, count(*) AS seats, count(*) FILTER (WHERE lease_type = 'overage') AS overage
          FROM licensing_lease WHERE ended_at IS NULL AND expires_at > %(now)s GROUP BY 1
    ), counted AS (
        SELECT id, product_name, coalesce(seats, 0) AS seats, coalesce(overage, 0) AS overage,
               status = 'active' AND starts_at <= %(now)s AND (auto_renew OR ends_at > %(now)s) AS is_in_force,
               greatest(0, commit_qty - coalesce(seats - overage, 0))
                   + greatest(0, least(least(max_overage, cap_overage) - coalesce(overage, 0), affordable)) AS by_kind,
               least(total_licenses, cap_in_use) - coalesce(seats, 0) AS in_all
          FROM licensing_license LEFT JOIN held ON license_id = id
         CROSS JOIN LATERAL (
               SELECT monthly_budget - CASE WHEN spent_month = %(month)s THEN spent ELSE 0 END AS left_over
         ) AS budget
         CROSS JOIN LATERAL (
               SELECT CASE WHEN left_over < 0 THEN 0 ELSE floor(left_over / nullif(overage_per_use, 0)) END AS affordable
         ) AS means
    ), standing AS (
        SELECT *, CASE WHEN is_in_force THEN greatest(0, least(by_kind, in_all)) ELSE 0 END AS free FROM counted
    )
    SELECT count(*), coalesce(sum(seats), 0)::integer, coalesce(sum(overage), 0)::integer, coalesce(sum(free), 0)::integer,
           coalesce((array_agg(id ORDER BY seats / greatest(seats + free, 1)::float DESC, seats DESC, product_name, id)
                     FILTER (WHERE is_in_force))[1:%(fullest)s], '{}')
      FROM standing
"""


@dataclass(frozen=True, slots=True)
class Glance:
    """`free`: how many more checkouts would be granted now. `fullest`: ids of licenses in force, the fullest first."""

    licenses: int
    held: int
    overage: int
    free: int
    fullest: list[str]


def at_a_glance(fullest: int) -> Glance:
    """Of the whole tenant, with so many of the fullest; in its scope."""
    with connection.cursor() as cursor:
        cursor.execute(GLANCE, {"now": clock.now(), "month": months.month_of(clock.now()), "fullest": fullest})
        return Glance(*cursor.fetchone())

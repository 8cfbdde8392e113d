"""The endpoint that one would write first: Django REST framework, serializers, the ORM, a tenant middleware.

It is here to be measured against (benchmarks/drf.py). Written to be good of its kind, over the same tables, under the same roles,
with the same keys, limits and signatures as the product; what the seat rule does beyond it (reclaiming lapsed seats, sweeps,
customers' caps, budgets, versions, idempotency, denials) is left out, in its favour.
"""

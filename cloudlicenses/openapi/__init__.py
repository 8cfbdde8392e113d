"""The contract as a document: `GET /api/v1/openapi.json` on each kind of host describes exactly that host's API.

What a request may say is derived from the serializers and structs that check it; names, words and answers are in `catalog`.
`manage.py openapi` writes docs/openapi/*.json, and tests hold every answer of the server against them.
"""

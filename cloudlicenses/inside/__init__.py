"""Who is who inside a deployment: a private authority, and the short-lived certificates by which PostgreSQL, Valkey and the
product's processes know each other. It knows neither Django nor the database: it is there before them."""

"""The API about a tenant's certificates. It stands here because its door (keys.faces) stands above certificates."""

"""The API about a tenant's people. It stands here because its door (keys.faces) stands above accounts."""

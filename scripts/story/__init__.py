"""`make story`: the product's story over real HTTP, each request and answer printed; exit code 1 at the first step that fails."""

"""HTTP, proxy, CA, router, tokens, paging, long-running operations: no Azure meaning."""

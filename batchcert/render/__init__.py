"""The product's data as text a person reads: plan, table, Markdown, CSV."""

"""HTTP routes beside the pages, one module a subject; each module has its `ROUTES`."""

"""The REST API: what pages show and do, for programs. Each module is a subject; `app` puts them together."""

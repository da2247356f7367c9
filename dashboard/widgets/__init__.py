"""Parts of pages: words, pictures, cards, tables, forms. None of them reads the database."""

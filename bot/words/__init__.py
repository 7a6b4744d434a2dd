"""The words people read: their sentences, languages, dates, and what a text costs."""

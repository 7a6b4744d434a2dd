"""Everything said to a person, and what staff are told, on its way out."""

"""Casework: referrals, cases, and the handoffs that put a person before a link worker."""

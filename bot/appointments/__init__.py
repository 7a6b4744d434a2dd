"""Appointments: when somebody can come, what is free, what is booked, and the texts that get people there."""

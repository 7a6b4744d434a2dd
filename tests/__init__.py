"""What a resident, a link worker and an operator would see."""

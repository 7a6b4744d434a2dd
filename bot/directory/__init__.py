"""The directory: local services, what fits whom, and whether they got there."""

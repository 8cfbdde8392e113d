"""What operators see of the running product: `/metrics`, with the figures of requests, jobs and backlogs."""

"""Calls that the server makes for the page: AMQP and webhooks."""

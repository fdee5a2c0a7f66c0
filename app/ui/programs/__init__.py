"""Programs, RabbitMQ and the watched folder."""

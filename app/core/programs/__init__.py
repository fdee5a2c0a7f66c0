"""Programs: what they hand in, how results reach them, RabbitMQ, the watched folder, the server's protocol."""

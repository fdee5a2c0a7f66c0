"""Programs in the tab that leads: intake, delivery, RabbitMQ, the watched folder."""

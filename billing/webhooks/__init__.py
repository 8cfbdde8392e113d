"""Messages to vendors' systems: where they go (endpoints), what became of each (deliveries), and how they are sent."""

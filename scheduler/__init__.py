"""What time asks for: when it is due, who does it, and what there is to do."""

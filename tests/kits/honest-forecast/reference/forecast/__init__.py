"""Tomorrow's trips, forecast each evening from what is known then."""

"""A monitor for a forecast of bike trips."""

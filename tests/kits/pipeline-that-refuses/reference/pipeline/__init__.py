"""A pipeline that loads a day of weather, and refuses what breaks its contract."""

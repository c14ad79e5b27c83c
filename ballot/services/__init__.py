"""What a person can do: one function each. It knows neither Flask nor SQL."""

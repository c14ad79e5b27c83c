"""Ballot (民评): anonymous evaluation ballots, from the printed slip to the scorer's points."""

"""The rules of ballots: codes, polls, votes, tallies, the account.

Standard library and `ballot.scoring` only.
"""

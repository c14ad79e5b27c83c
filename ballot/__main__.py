"""`python -m ballot` is `ballot`."""

from ballot.cli import main

main()

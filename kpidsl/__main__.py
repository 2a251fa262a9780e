"""`python -m kpidsl`: the command line, where its script is not on the path."""

from kpidsl.cli.main import main

main()

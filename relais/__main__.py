"""``python -m relais``: the same as the ``relais`` command."""

from relais.start import main

main()

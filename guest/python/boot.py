"""What Python runs: the guest's package lies beside this file."""

import os
import sys

# `multiprocessing` runs this file again in the children that it starts; they are the author's, not guests.
if __name__ == "__main__":
    _folder = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, _folder)
    from mayfly_guest.main import run

    # Before the author's code runs: it imports nothing from there.
    sys.path.remove(_folder)
    run()

"""What Python runs: the guest's package lies beside this file."""

import os
import sys

_folder = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _folder)
# Not an absolute import of a known name alone: the folder must leave the path again before the author's code runs.
from mayfly_guest.main import run

sys.path.remove(_folder)
run()

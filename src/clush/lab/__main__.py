"""``python -m clush.lab``."""

import sys

from clush.lab.command import main

sys.exit(main())

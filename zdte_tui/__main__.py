"""``python -m zdte_tui``."""

import sys

from zdte_tui.main import main

sys.exit(main())

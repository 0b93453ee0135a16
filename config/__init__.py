"""Settings and secrets of the till."""

import os

# Looking for plugins reads the metadata of every installed package, at each start; none is of use here.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

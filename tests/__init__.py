"""Importing anything of the tests prepares their surroundings first: settings are read only once."""

from tests import surroundings

surroundings.prepare()

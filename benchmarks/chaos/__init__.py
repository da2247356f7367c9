"""Kills the running system again and again and looks for anything that it lost or made up."""

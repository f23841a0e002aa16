"""Certificates: their versions, how these come to be, and when they are made anew."""

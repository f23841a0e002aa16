"""Deployments: one small file a region, and the build step that reads it."""

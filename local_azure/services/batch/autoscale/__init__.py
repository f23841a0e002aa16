"""Automatic scaling: the formula language of Batch, and when formulas are evaluated.

Source: "Create a formula to automatically scale compute nodes in a Batch pool" on Microsoft Learn.
"""

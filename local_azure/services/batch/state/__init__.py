"""What the Batch service remembers: plain values that survive a restart."""

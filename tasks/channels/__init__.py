"""The ways in which a pool's nodes are looked at: over SSH, by tasks of Batch, through Batch's view of an extension."""

"""How both planes of Batch speak: spellings, times, conditions, filters, the shapes of bodies."""

"""The steps that bring a pool that differs to what is asked for, a module each."""

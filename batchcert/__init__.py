"""The domain of batchcert: values and decisions; no network, no Prefect, no clock, no environment."""

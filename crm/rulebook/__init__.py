"""Facts, dated parameters, conditions, findings, traces, legal status. Pure: no I/O but reading YAML."""

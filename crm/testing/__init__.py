"""For tests of the core and of plugins: makers, fixtures, cases, conformance."""

"""Import a list of employers: read into staging, match, show the difference, write, take back.

Each source row ends in exactly one of created, updated, unchanged, merged (into another row of the file) or rejected.
Nothing of the directory changes before `apply`, which writes all or nothing in one transaction.
"""

"""What lies where under a root: datasets, partitions, records, failed attempts."""

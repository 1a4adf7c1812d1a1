"""What users set: parameters, the sections that hold them, and how records tell settings."""

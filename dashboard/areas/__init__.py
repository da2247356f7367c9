"""The editor for privacy masks and zones: polygons on a camera's picture."""

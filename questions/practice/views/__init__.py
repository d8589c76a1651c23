"""Practice pages, a file a part: today, sittings, interviews, notebook, path, own data."""

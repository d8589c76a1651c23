"""The rules a bank of questions must keep, as pure functions over parsed YAML."""

"""The workspace as a whole: exported to one file, checked, merged with or put in place of another, and back. Loaded when it is asked
for."""

"""The whole workspace as one file: its layout, merging, renaming."""

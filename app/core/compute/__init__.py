"""What the page and the workers that compute for it say to each other."""

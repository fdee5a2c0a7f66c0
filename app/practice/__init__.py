"""The practice provider: one brain with the provider's behaviour and traps; skins for the page and for HTTP."""

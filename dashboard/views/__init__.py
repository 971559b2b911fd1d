"""The pages: one module a page, each view fetch, present, render."""

"""Why this exists: Django says in English only that a password is too short."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LongEnough(MinimumLengthValidator):
    """A password has at least so many characters, said in the language of the page."""

    def get_error_message(self) -> str:
        """Return how many characters there must be."""
        said = ngettext(
            "This password is too short. It must contain at least %(n)s character.",
            "This password is too short. It must contain at least %(n)s characters.",
            self.min_length,
        )
        return said % {"n": self.min_length}

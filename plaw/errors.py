"""The one exception for mistakes that the user can put right."""


class PlawError(ValueError):
    """Bad input or broken data: one sentence that says what is wrong and what to do."""

"""The one exception for mistakes that the user can put right."""


class PlawError(ValueError):
    """Bad input or broken data: one sentence that says what is wrong and what to do.

    Examples
    --------
    >>> import plaw
    >>> plaw.fit_law("power", [10, 100], [0.2])
    Traceback (most recent call last):
    ...
    plaw.errors.PlawError: A curve needs one y for each x, (n,) or (n, 2): got shapes (2,) and (1,).
    """

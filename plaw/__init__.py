"""plaw: power-law scaling of test errors with the size of the training set."""

__version__ = "0.1.0"

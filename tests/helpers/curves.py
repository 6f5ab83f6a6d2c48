"""Learning curves that the planner and its page are both asked about."""

import numpy as np

PAPER = "n,error\n9,0.217\n15,0.168\n30,0.119\n60,0.084\n"  # on the line of Fig. 1b, 0.65 n^-0.50


def with_offset(noise=0.01, count=9):
    x = np.geomspace(10, 5000, count)
    return x, (0.02 + 0.7 * x**-0.5) * np.exp(noise * np.random.default_rng(3).standard_normal(count))


BROKEN = [
    ("", "needs a first line"),
    ("n,error\n", "needs a first line"),
    ("breadth,error\n10,0.2\n", "no column of sizes is found among breadth, error"),
    ("n,error\n10,0.2\n100,abc\n", "line 3: error must be a number, but the cell is 'abc'"),
    ("n,error\n10,0.2\n100\n", "needs as many different sizes, but the curve has 1"),
    ("n,error\n10,0.2\n100,nan\n", "needs as many different sizes, but the curve has 1"),
    ("n,error\n10,0.2\nnan,0.1\n", "needs as many different sizes, but the curve has 1"),
    ("n,error\n10,0.2\n100,0\n", "positive number, but one is 0"),
    ("n,error\n10,0.2\n", "needs as many different sizes"),
    ("n,error\n10,0.2\n100,0.3\n", "does not fall"),
]

"""Tables as people have them, which `plaw estimate` and the page must read alike: (text, options of `read_curves`)."""

import random

TABLES = {
    "plain": ("n,error\n1000,0.353\n2000,0.285\n4000,0.229\n", {}),
    "capitals, spaces": ("Train Size, Test Error\n1000, 0.353\n2000, 0.285\n4000, 0.229\n", {}),
    "Excel in German": (
        "\ufeffsep=;\r\nGröße;Notiz;n;Error\r\n1;;1.000;0,353\r\n2;x;2.000;0,285\r\n3;;4.000;0,229\r\n",
        {},
    ),
    "Excel in English": ('"n","error"\r\n"1,000","35.3%"\r\n"2,000","28.5%"\r\n"4,000","22.9%"\r\n', {}),
    "French": (
        "taille\tn\terreur\terror\n1\t1\u202f000\t.\t0,353\n2\t2\u202f000\t\t0,285\n3\t4\u202f000\t.\t0,229\n",
        {},
    ),
    "Swiss": ("n;error\n1'000;35.3%\n2’000;28.5%\n10_000;22.9%\n", {}),
    "tabs and suffixes": ("examples\tloss\n1k\t0.353\n2k\t0.285\n1.5M\t0.229\n2 B\t0.2\n", {}),
    "percent with comma": ("n;error\n1k;35,3 %\n2k;28,5 %\n4k;22,9 %\n", {}),
    "by hand": ("# my curve\n\nn   error\n1000   .353   \n\n2000   .285\n4000   2.29e-1\n", {}),
    "numpy.savetxt": ("# n error\n1.000e+03 3.530e-01\n2.000e+03 2.850e-01\n4.000e+03 2.290e-01\n", {}),
    "numpy, thousands or not": ("n error\n1.000 0.2\n2.000 0.1\n", {}),
    "pandas": (",tokens,eval_loss,epoch\n0,1000,0.353,1\n1,2000,0.285,1\n2,4000,0.229,1\n", {}),
    "unsorted, no last line": ("n,error\n4000,0.229\n1000,0.353\n2000,0.285", {}),
    "old line ends": ("n,error\r10,0.2\r100,0.1\r", {}),
    "bars": ("| n | error |\n|---|:-----:|\n| 10 | 0.2 |\n| 100 | 0.1 |\n", {}),
    "a database": ("  n  | error\n-----+-------\n  10 |  0.2\n 100 |  0.1\n", {}),
    "quoted lines": ('n,error,note\n\n10,0.2,"two\n""lines"""\n\n\n100,0.1,\n', {}),
    "quoted lines, then too many cells": ('n,error,note\n\n10,0.2,"two\nlines"\n\n\n100,0.1,,3\n', {}),
    "a quote that never ends": ('n,error\n10,0.2\n20,0.1\n40,"0.05\n', {}),
    "quotes inside a cell": ('n,error,note\n10,0.2,5" wide\n20,0.1,"a"b\n', {}),
    "empty and missing": ("n,error\n1000,0.353\n\n1500,\n1700,NaN\n,0.3\n2000,0.285\n4000,0.229\n5000\nn/a,n/a\n", {}),
    "more rows missing than are named": ("n,error\n" + "10,\n" * 7 + "20,0.1\n40,0.05\n", {}),
    "no examples": ("n,error\n0,0.9\n10,0.3\n", {}),
    "a word within a word": ("n,latest_error,contest_score\n10,0.2,1\n100,0.1,2\n", {"y": "latest_error"}),
    "runs": ("n,error\n10,0.2\n100, 0.1\n10,0.22\n100,0.11\n", {}),
    "runs side by side": ("n,run 1,run 2\n10,0.2,0.22\n100,0.1,\n", {"y": "run 1,RUN_2"}),
    "accuracy in percent": ("n,accuracy\n10,64.0\n100,75.5\n", {}),
    "accuracy with signs": ("n,Top-1 accuracy\n10,64.0%\n100,75.5%\n", {}),
    "runs of AUC": ("n,auc\n10,0.5\n10,0.75\n20,0.8\n", {}),
    "scikit-learn": ("train_size,mean_test_score,std_test_score\n10,-3.5,0.5\n20,-2.5,0.25\n", {}),
    "a score with its ceiling": ("n,reward\n10,120\n20,180\n", {"y": "reward", "ceiling": 200}),
    "a metric by name": ("n,mean\n10,0.6\n20,0.7\n", {"y": "mean", "metric": "accuracy"}),
    "standard errors": ("n,se,error\n10,0.01,0.2\n100,0.02,0.1\n", {}),
    "deviation and runs": ("n,error,std,runs\n10,0.2,0.04,4\n100,0.1,0.03,9\n", {}),
    "deviation over how many runs?": ("n,Std,error,comment\n10,0.01,0.2,a\n100,0.02,0.1,b\n", {}),
    "deviation over runs that are told": ("n,Std,error\n10,0.01,0.2\n100,0.02,0.1\n", {"runs": 4}),
    "noise partly missing": ("n,error,std,runs\n10,0.2,0.04,4\n100,0.1,,4\n1000,0.05,0,4\n", {}),
    "noise not known": ("n,error,se\n10,0.2,0\n100,0.1,\n", {}),
    "groups": (
        "method,seed,n,error\na,1,10,0.2\nb,1,10,0.3\na,2,10,0.22\nb,2,10,0.34\na,1,20,0.1\nb,1,20,0.2\n",
        {"group": "METHOD"},
    ),
    "groups by two columns": (
        "data,learner,n,error\nx,svm,10,0.3\nx,tree,10,0.2\ny,svm,10,0.1\n",
        {"group": "data,learner"},
    ),
    "groups pooled": ("depth,n,error\n1,10,0.2\n2,10,0.3\n1,20,0.1\n2,20,0.2\n", {}),
    "folds": ("n,error,Fold\n10,0.2,1\n10,0.21,2\n20,0.1,1\n20,0.11,2\n", {}),
    "duplicates of runs": ("n,error,seed\n10,0.2,1\n10,0.2,2\n20,0.1,1\n20,0.1,1\n", {}),
    "duplicates": ("n,error\n10,0.2\n20,0.1\n10,0.2\n20,0.1\n", {}),
    "columns asked for": ("epoch;Data;what\n1;10;0,2\n2;20;0,1\n", {"x": "data", "y": "WHAT"}),
    # --- refused ---
    "nothing": ("", {}),
    "blank lines": ("\n \n", {}),
    "no rows": ("n,error\n", {}),
    "no names": ("10,0.2\n100,0.1\n", {}),
    "a quote in what it begins with": ("10,'a\\'\n", {}),
    "no number": ("n,error\n10,0.2\n100,abc\n", {}),
    "no size": ("n,error\n10,0.2\nten,0.1\n", {}),
    "hidden marks": ("n,error\n10,0.2\n20,a\u200b\u00a0b\té'\n", {}),
    "a negative size": ("n,error\n-10,0.2\n", {}),
    "an infinite size": ("n,error\ninf,0.2\n", {}),
    "an infinite error": ("n,error\n10,inf\n", {}),
    "no row": ("n,error\n,0.2\n10,\n", {}),
    "percent mixed": ("n,error\n10,0.2\n100,1%\n", {}),
    "decimal commas in commas": ("n,error\n10,3,2\n", {}),
    "too many cells": ("n;error\n10;0,2;5\n", {}),
    "marks mixed": ("n;error\n10;0,2\n20;0.1\n", {}),
    "one or a thousand": ("n;error\n1,000;0,2\n2,000;0,1\n", {}),
    "one or a thousand, points": ("n;error\n500;0.2\n1.000;0.1\n", {}),
    "no column of sizes": ("a,b\n10,0.2\n", {}),
    "no column of errors": ("n,b\n10,0.2\n", {}),
    "errors of training": ("n,train_error,std_error\n10,0.2,0.1\n", {}),
    "several metrics": ("n,loss,accuracy\n10,0.2,0.5\n", {}),
    "several sizes": ("size,tokens,error\n10,20,0.5\n", {}),
    "a column twice": ("n,error,error\n10,0.2,0.5\n", {}),
    "two columns of noise": ("n,error,std,sd\n10,0.2,0.5,0.5\n", {}),
    "no such column": ("n,error\n10,0.2\n", {"y": "acc's"}),
    "no such group": ("n,,error\n10,1,0.2\n", {"group": "method"}),
    "no runs": ("n,error,std,runs\n10,0.2,0.04,0\n100,0.1,0.03,9\n", {}),
    "negative noise": ("n,error,se\n10,0.2,-0.04\n100,0.1,0.03\n", {}),
    "noise that is no number": ("n,error,se\n10,0.2,a\n100,0.1,0.1\n", {}),
    "above the ceiling": ("n,accuracy\n10,60\n20,120\n", {}),
    "fractions and percent": ("n,accuracy\n10,0.9\n20,95\n", {}),
    "at the ceiling": ("n,accuracy\n10,0.5\n100,1\n", {}),
    "a cell too long": ("n,error\n" + "1" * 140_000 + ",0.1\n", {}),
}  # fmt: skip

CELLS = [*"n error 1 10 0,2 0.1 1.000 1,5 4k x - % 35% 1'000 nan -3 inf std runs loss accuracy a b".split(), "", " 7 "]
NAMES = (["n", "error"], ["n", "loss", "std"], ["size", "accuracy", "who"])


def random_tables(count, seed=11):
    """Texts of tables that make sense now and then."""
    draw = random.Random(seed)
    for _ in range(count):
        separator, quote, end = draw.choice(",;\t| "), draw.choice(["", "", '"']), draw.choice(["\n", "\r\n"])
        names = draw.choice([*NAMES, draw.choices(CELLS, k=3)])
        pool = draw.choice([CELLS, ["1", "10", "1.000", "20", "0.5", ""], ["4k", "35%", "20%", "1,5", "0,25"]])
        rows = [draw.choices(pool, k=draw.choice([len(names), len(names), 2, 4])) for _ in range(draw.randint(0, 4))]
        yield end.join(separator.join(quote + cell + quote for cell in row) for row in [names, *rows])

"""The columns of sizes, of errors or scores, and of their noise."""

import pytest

from plaw.curves.columns import find_roles
from plaw.errors import PlawError


@pytest.mark.parametrize(
    "name",
    [
        "n",
        "N",
        "size",
        "Train size",
        "train_sizes",
        "examples",
        "Tokens",
        "samples",
        "n_samples",
        "n_train",
        "Number of training examples",
        "#examples",
        "training set size",
        "Examples per label",
    ],
)
def test_sizes_by_name(name):
    assert find_roles([name, "error"]).size == 0


@pytest.mark.parametrize(
    "name",
    ["error", "Error", "Error (%)", "loss", "Test loss", "val_loss", "accuracy", "Accuracy", "score", "AUC", "f1",
     "F1 score", "test_score", "mean_test_score", "test-accuracy", "eval/loss", "neg_mean_squared_error", "roc.auc",
     "macro F1", "Top-1 accuracy", "word error rate (WER)"],
)  # fmt: skip
def test_values_by_name(name):
    assert find_roles(["n", name]).values == (1,)


@pytest.mark.parametrize(
    "names, roles",
    [
        ("n error se", dict(standard_error=2)),
        ("n error stderr", dict(standard_error=2)),
        ("n error std_error", dict(standard_error=2)),
        ("n error error_se", dict(standard_error=2)),
        ("n error Std", dict(deviation=2)),
        ("n error sd runs", dict(deviation=2, runs=3)),
        ("n accuracy accuracy_std loss_std n_seeds", dict(deviation=2, runs=4)),
        ("n mean_test_score std_test_score", dict(deviation=2)),
        ("n error train_error_std seed", dict(deviation=None, runs=None)),
    ],
)
def test_the_noise_by_name(names, roles):
    found = find_roles(names.split())
    assert {role: getattr(found, role) for role in roles} == roles


def test_n_and_error_are_meant_before_others():
    found = find_roles(["tokens", "n", "loss", "error", "accuracy"])
    assert (found.size, found.values) == (1, (3,))


def test_columns_that_are_asked_for():
    found = find_roles(["epoch", "Data", "run 1", "run 2", "who", "what"], "data", "run 1, RUN_2", "who,what", "epoch")
    assert (found.size, found.values, found.groups, found.pair) == (1, (2, 3), (4, 5), 0)
    assert find_roles(["n", "error", "a,b"], group="a,b").groups == (2,)


@pytest.mark.parametrize(
    "names, options, message",
    [
        ("train error", {}, "no column of sizes"),
        ("model_size error", {}, "no column of sizes"),
        ("n train_error std_error", {}, "no column of errors or scores"),
        ("a b", {}, "no column of sizes is found among a, b: call it n, or name it by --x"),
        ("n b", {}, "no column of errors or scores is found among n, b: call it error, or name it by --y"),
        ("n loss accuracy", {}, "loss, accuracy could all be the errors or scores: name one of them by --y"),
        ("size tokens error", {}, "size, tokens could all be the sizes: name one of them by --x"),
        ("n n error", {}, "the column 'n' is there 2 times"),
        ("n error error", {}, "the column 'error' is there 2 times"),
        ("n error std sd", {}, "std, sd could all be the noise"),
        ("n error", dict(y="acc"), "there is no column 'acc': the columns are n, error"),
        ("n error", dict(group="method"), "there is no column 'method'"),
        ("n error k k", dict(y="k"), "the column 'k' is there 2 times"),
        ("n error", dict(x="error", y="error"), "the column 'error' cannot be the sizes and something else, too"),
        ("n error", dict(group="n"), "the column 'n' cannot be the sizes and something else, too"),
    ],
)
def test_what_is_not_clear_is_refused(names, options, message):
    with pytest.raises(PlawError, match=message):
        find_roles(names.split(), **options)

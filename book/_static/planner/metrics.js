// What a curve measures: an error or a loss, or a score of which more is better, turned into an error and back: plaw/curves/metrics.py.
"use strict";

plaw.metrics = (() => {
  const { general } = plaw.numbers;
  const words = (text) => new Set(text.split(/\s+/));
  const ERRORS = words("error errors err error_rate misclassification loss losses nll cross_entropy perplexity mse rmse mae mape wer cer brier");
  const RATES = words("error errors err rate misclassification wer cer"); // by their last words: parts of a whole
  const SCORES = words("accuracy acc balanced_accuracy score scores auc auroc roc_auc pr_auc average_precision f1 f1_score f1_macro f1_micro "
    + "f1_weighted precision recall map iou miou dice r2 bleu kappa mcc top1 top5");
  const NOT_TESTED = words("train training fit std sd se sem stderr min max");
  const PREFIX = /(?<![^_])(test|val|valid|validation|eval|dev|holdout|heldout|mean|avg|average|cv|oof)_/, SUFFIX = /_(mean|avg|average|test|val)$/;
  const ERROR = { name: "error", ceiling: null }; // a metric; the ceiling is the score of a perfect model, where more is better

  const higherIsBetter = ({ ceiling }) => ceiling !== null;
  const formula = ({ name, ceiling }) => (ceiling === null ? name : `${general(ceiling)} - ${name}`);

  /** The error of a score, or the score of an error; an error stays what it is. */
  const flip = ({ ceiling }, value) => (ceiling === null ? value : ceiling - value);

  /** Letters, digits and underscores only. */
  const normal = (name) => name.trim().toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, "_").replace(/^_+|_+$/g, "");

  /** A name without test_ and the like. */
  function plainName(name) {
    let plain = normal(name), longer;
    do {
      longer = plain;
      plain = plain.replace(PREFIX, "").replace(SUFFIX, "");
    } while (plain !== longer);
    return plain;
  }

  /** Whether a name is that of an "error" or of a "score", or of neither: "". */
  function kindOf(name, byLastWord = false) {
    let plain = plainName(name);
    const parts = plain.split("_");
    if (byLastWord && !parts.some((part) => NOT_TESTED.has(part))) plain = parts.at(-1);
    if (ERRORS.has(plain)) return "error";
    return SCORES.has(plain) || plain.startsWith("neg_") ? "score" : "";
  }

  /** The metric of this name, with the ceiling that its values suggest, or that is given. */
  function findMetric(name, values, ceiling) {
    if (ceiling === undefined && (kindOf(name) || kindOf(name, true)) !== "score") return { name, ceiling: null };
    const least = Math.min(...values), most = Math.max(...values);
    if (ceiling === undefined) {
      ceiling = most < 0 || plainName(name).startsWith("neg_") ? 0 : most <= 2 ? 1 : 100;
    } else if (!Number.isFinite(ceiling)) {
      throw new plaw.Refusal(`The ceiling is the score of a perfect model, a number; not ${general(ceiling)}.`);
    }
    if (most > ceiling) {
      throw new plaw.Refusal(`${name} reaches ${general(most)}, above the ceiling ${general(ceiling)}: give the score of a perfect model as the ceiling.`);
    }
    if (ceiling === 100 && least > 0 && least <= 1 && most > 1 && least * 20 < most) {
      throw new plaw.Refusal(`${name} reaches from ${general(least)} to ${general(most)}: fractions and percentages are mixed, write all of them alike.`);
    }
    return { name, ceiling };
  }

  /** A sentence where a target and the measured errors seem to be a fraction and percentages; else nothing. */
  function wrongUnit(metric, target, errors) {
    const values = errors.map((error) => flip(metric, error)).sort((a, b) => a - b), [low, high] = [values[0], values.at(-1)];
    const { name, ceiling } = metric, score = higherIsBetter(metric);
    if (!score && !RATES.has(plainName(name).split("_").at(-1))) return ""; // a loss has no unit
    const measured = name === "error" && !score ? "errors" : `values of ${name}`, seen = `the ${measured}, ${general(low, 4)} ... ${general(high, 4)},`;
    const inPercent = high <= 100 && low >= 1 && high > 2 && (ceiling === null || ceiling === 100);
    if (inPercent && target > 0 && target < 1 && (score || target < low / 20)) {
      return `the target ${general(target)} seems to be a fraction and ${seen} percentages: if so, ask for ${general(100 * target)}`;
    }
    const inFractions = high <= 1 && low > 0 && (ceiling === null || ceiling === 1);
    if (inFractions && target > 1 && target <= 100) {
      return `the target ${general(target)} seems to be a percentage and ${seen} fractions: if so, ask for ${general(target / 100)}`;
    }
    return "";
  }

  return { ERROR, higherIsBetter, formula, flip, normal, plainName, kindOf, findMetric, wrongUnit };
})();

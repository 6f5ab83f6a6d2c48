// What kind of curve this is: falling, flat, rising, peaked, dipping: plaw/curves/shape.py.
"use strict";

plaw.shape = (() => {
  const { sum, spaced, unique, median } = plaw.numbers;
  const CLEAR = 4; // standard errors that a change between two extremes needs to count
  const LEAST_CHANGE = 0.02; // of log y; less is flat, whatever the noise
  const SMOOTHED = 12; // the most points looked at: more are averaged in bins of equal width in log n
  const SHAPES = {
    falling: [true, "it may be expected to fall on"],
    flat: [false, "nothing says that more examples lower the error"],
    rising: [false, "more examples have not lowered the error yet"],
    peaked: [true, "the error rose before it fell; a law that always falls fits only the last part"],
    dipping: [false, "the error rises again at the largest sizes, and no number can be predicted beyond them"],
    "a double descent": [true, "it may rise once more; a law that always falls fits only the last part"],
  };

  /** The shape of a curve, from its clear rises and falls: {name, falls, meaning}. */
  function shapeOf(curve) {
    const legs = legsOf(smoothed(curve)), last = legs.at(-1);
    let name = "falling";
    if (!legs.length) name = "flat";
    else if (legs.length === 1) name = last < 0 ? "falling" : "rising";
    else if (last > 0) name = "dipping";
    else name = legs[0] > 0 ? "peaked" : "a double descent";
    const [falls, meaning] = SHAPES[name];
    return { name, falls, meaning };
  }

  /** log y and its standard error, in at most SMOOTHED bins; the noise is the known or the visible one. */
  function smoothed({ logX, logY, logError, known }) {
    const bends = logY.slice(2).map((y, i) => Math.abs(logY[i] - 2 * logY[i + 1] + y) / Math.sqrt(6));
    const visible = bends.length > 3 ? median(bends) / 0.6745 : 0;
    const noise = logError.map((error) => Math.max(known ? error : 0, visible));
    const edges = spaced(logX[0], logX.at(-1), SMOOTHED + 1).slice(1, -1);
    const place = logX.map((x) => edges.filter((edge) => edge <= x).length);
    return unique(place).map((bin) => {
      const members = place.flatMap((p, i) => (p === bin ? [i] : []));
      return {
        value: sum(members.map((i) => logY[i])) / members.length,
        error: Math.sqrt(sum(members.map((i) => noise[i] ** 2))) / members.length,
      };
    });
  }

  /** Signs of the rises and falls between extremes that differ clearly. */
  function legsOf(points) {
    const legs = [];
    let low = points[0].value, high = low;
    for (const { value, error } of points) {
      const direction = legs.at(-1) ?? 0, change = Math.max(CLEAR * error, LEAST_CHANGE);
      if (direction <= 0) low = Math.min(low, value);
      if (direction >= 0) high = Math.max(high, value);
      if (direction <= 0 && value > low + change) {
        legs.push(1);
        high = value;
      } else if (direction >= 0 && value < high - change) {
        legs.push(-1);
        low = value;
      }
    }
    return legs;
  }

  return { shapeOf };
})();

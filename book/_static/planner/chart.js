// A chart with two logarithmic axes, drawn as SVG in the width that its place has; colours come from planner.css.
"use strict";

plaw.chart = (() => {
  const { general, grouped } = plaw.numbers;
  const MARGIN = { left: 62, right: 14, top: 12, bottom: 44 };
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  function element(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** Marks of an axis of so many pixels: [value, label or ""]. */
  function ticks([low, high], pixels) {
    const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high)), decade = pixels / Math.log10(high / low);
    const stride = Math.ceil(45 / decade), labelled = decade > 300 ? [1, 2, 3, 5, 7] : decade > 120 ? [1, 2, 5] : [1];
    const found = [];
    for (let exponent = first; exponent <= last; exponent++) {
      for (const digit of stride > 1 ? [1] : [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        const value = Number(`${digit}e${exponent}`), named = labelled.includes(digit) && exponent % stride === 0;
        if (value >= low * 0.999 && value <= high * 1.001) found.push([value, named ? tickLabel(value) : ""]);
      }
    }
    return found;
  }

  function tickLabel(value) {
    if (value >= 1e-4 && value < 1e5) return grouped(general(value, 6));
    const [digit, exponent] = value.toExponential(0).split("e");
    const power = Array.from(String(Math.abs(exponent)), (d) => SUPERSCRIPTS[d]).join("");
    return `${digit === "1" ? "" : `${digit}·`}10${exponent < 0 ? "⁻" : ""}${power}`;
  }

  /**
   * Draw into `place`, in stead of what is there. x, y: [low, high] of the axes; title and description for those who do not see it;
   * layers: {kind: "band", points: [[x, low, high]]}, {kind: "line" | "steps", points: [[x, y]]}, {kind: "points", points: [[x, y, error]]},
   * {kind: "level", y, label}, {kind: "interval", y, from, to}, {kind: "mark", x, y, label}, {kind: "name", label, place}, one line for each; those of one of
   * several curves have its number as `series`. Returns {across, up, inner}: where values are, in pixels, and valueAt of a height.
   */
  function draw(place, { x, y, xLabel, yLabel, title, description, layers }) {
    const width = Math.max(280, Math.min(place.clientWidth, 760)), height = Math.round(Math.max(260, width * 0.6));
    const inner = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
    const scale = ([low, high], from, to) => (value) => from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
    const across = scale(x, inner.left, inner.right), up = scale(y, inner.bottom, inner.top);
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `${title}. ${description}` });
    svg.append(...axes(x, y, across, up, inner), ...names(xLabel, yLabel, inner, height));
    const clip = element("clipPath", { id: `${place.id}-frame` });
    const frame = { x: inner.left, y: inner.top, width: inner.right - inner.left, height: inner.bottom - inner.top };
    clip.append(element("rect", frame));
    const drawn = element("g", { "clip-path": `url(#${place.id}-frame)` });
    for (const layer of layers) {
      const group = element("g", layer.series === undefined ? {} : { class: `series-${layer.series % 4}` });
      group.append(...LAYERS[layer.kind](layer, across, up, inner));
      drawn.append(group);
    }
    svg.append(clip, drawn);
    place.replaceChildren(svg);
    const [low, high] = y, valueAt = (pixel) => low * (high / low) ** ((inner.bottom - pixel) / (inner.bottom - inner.top));
    return { across, up, inner, valueAt };
  }

  function axes(x, y, across, up, inner) {
    const parts = [];
    for (const [value, label] of ticks(x, inner.right - inner.left)) {
      const at = across(value);
      parts.push(element("line", { class: label ? "grid" : "grid fine", x1: at, x2: at, y1: inner.top, y2: inner.bottom }));
      if (label) parts.push(element("text", { x: at, y: inner.bottom + 16, "text-anchor": "middle" }, label));
    }
    for (const [value, label] of ticks(y, 1.5 * (inner.bottom - inner.top))) { // labels one above the other need less room
      const at = up(value);
      parts.push(element("line", { class: label ? "grid" : "grid fine", x1: inner.left, x2: inner.right, y1: at, y2: at }));
      if (label) parts.push(element("text", { x: inner.left - 6, y: at + 4, "text-anchor": "end" }, label));
    }
    return parts;
  }

  function names(xLabel, yLabel, inner, height) {
    const middle = (inner.top + inner.bottom) / 2;
    return [
      element("text", { x: (inner.left + inner.right) / 2, y: height - 6, "text-anchor": "middle" }, xLabel),
      element("text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, yLabel),
    ];
  }

  const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const visible = (value) => Math.min(Math.max(value, -1e4), 1e4); // a limit may be nothing or without end

  const LAYERS = {
    band({ points }, across, up) {
      const upper = points.map(([n, , high]) => [across(n), visible(up(high))]);
      const lower = points.map(([n, low]) => [across(n), visible(up(low))]).reverse();
      return [element("path", { class: "band", d: `${path([...upper, ...lower])}Z` })];
    },
    line: ({ points }, across, up) => [element("path", { class: "curve", d: path(points.map(([n, e]) => [across(n), visible(up(e))])) })],
    steps: ({ points }, across, up) => [element("path", { class: "steps", d: path(points.map(([n, e]) => [across(n), visible(up(e))])) })],
    points({ points }, across, up) {
      return points.flatMap(([n, e, error]) => {
        const point = element("circle", { class: "measured", cx: across(n), cy: up(e), r: 4 });
        if (!error) return [point];
        const bottom = visible(up(Math.max(e - error, 1e-300)));
        return [element("line", { class: "bar", x1: across(n), x2: across(n), y1: bottom, y2: up(e + error) }), point];
      });
    },
    level({ y, label }, across, up, inner) {
      const line = element("line", { class: "target", x1: inner.left, x2: inner.right, y1: up(y), y2: up(y) });
      return [line, element("text", { class: "label", x: inner.left + 6, y: up(y) + 15 }, label)];
    },
    interval({ y, from, to }, across, up, inner) {
      const ends = { x1: from > 0 ? across(from) : inner.left, x2: to < Infinity ? across(to) : inner.right };
      return [element("line", { class: "interval", y1: up(y), y2: up(y), ...ends })];
    },
    mark({ x, y, label }, across, up, inner) {
      const [cx, cy] = [across(x), up(y)], left = cx > (inner.left + inner.right) / 2;
      const diamond = element("path", { class: "mark", d: `M${cx} ${cy - 7}L${cx + 7} ${cy}L${cx} ${cy + 7}L${cx - 7} ${cy}Z` });
      const text = element("text", { class: "label", x: cx + (left ? -4 : 4), y: cy + (left ? 22 : -12), "text-anchor": left ? "end" : "start" }, label);
      return [diamond, text];
    },
    name: ({ label, place }, across, up, inner) =>
      [element("text", { class: "label name", x: inner.right - 8, y: inner.top + 18 * (place + 1), "text-anchor": "end" }, label)],
  };

  /** Call `redraw` whenever the width of `place` changes. */
  function onResize(place, redraw) {
    let width = place.clientWidth;
    new ResizeObserver(() => {
      if (place.clientWidth === width) return;
      width = place.clientWidth;
      redraw();
    }).observe(place);
  }

  return { draw, onResize };
})();

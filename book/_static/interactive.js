// A button below a figure that has a chart: it loads Vega from the book and puts the chart in the figure's place.
"use strict";
{
  const LIBRARY = new URL("vega.js", document.currentScript.src).href;
  const OPEN = "Open the interactive figure", CLOSE = "Back to the still figure";
  let loading = null;

  const load = () =>
    (loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = LIBRARY;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    }));

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // The colours of the page, and all widths in pixels.
  const fitted = (chart, width) => {
    const ink = colour("--figure-ink");
    const fit = (part) => {
      if (part.width === "container") part.width = Math.max(200, width - 75);
      (part.vconcat ?? []).forEach(fit);
      return part;
    };
    const spec = fit(structuredClone(chart));
    const text = { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 13 };
    spec.config = {
      background: "transparent",
      font: "sans-serif",
      axis: { ...text, domainColor: ink, tickColor: ink, labelOverlap: "greedy" },
      legend: { ...text, symbolOpacity: 1 },
      view: { stroke: "transparent" },
      mark: { color: colour("--figure-1") },
      rule: { color: colour("--figure-1") },
      text: { color: ink },
      range: { category: [1, 2, 3].map((number) => colour(`--figure-${number}`)) },
    };
    return spec;
  };

  const equip = (data) => {
    const chart = JSON.parse(data.textContent);
    const still = data.previousElementSibling;
    const button = document.createElement("button");
    const place = document.createElement("div");
    let view = null;
    place.className = "figure-place";
    place.hidden = true;
    button.type = "button";
    button.className = "figure-button";
    button.textContent = OPEN;
    const draw = async () => {
      view?.finalize();
      const spec = fitted(chart, place.clientWidth);
      view = await vegaEmbed(place, spec, { renderer: "svg", actions: false });
      place.setAttribute("aria-label", chart.description);
      place.setAttribute("role", "group");
    };
    button.addEventListener("click", async () => {
      const opened = place.hidden;
      place.hidden = !opened;
      still.hidden = opened;
      button.textContent = opened ? CLOSE : OPEN;
      if (opened) {
        await load();
        await draw();
      }
    });
    new MutationObserver(() => place.hidden || draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    data.after(place, button);
  };

  addEventListener("DOMContentLoaded", () => document.querySelectorAll(".figure-chart").forEach(equip));
}

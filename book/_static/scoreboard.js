// The whole scoreboard can be searched, and filtered by verdict and by where a number is from.
"use strict";
{
  const choices = (board, name) => [...new Set([...board.querySelectorAll(`tr[data-${name}]`)].map((row) => row.dataset[name]))];

  const select = (board, name, label, update) => {
    const box = document.createElement("select");
    box.setAttribute("aria-label", label);
    box.append(new Option(label, ""), ...choices(board, name).map((choice) => new Option(choice, choice)));
    box.addEventListener("change", update);
    return box;
  };

  const equip = (board) => {
    const controls = document.createElement("div");
    const search = document.createElement("input");
    const count = document.createElement("span");
    const update = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const group of board.querySelectorAll("tbody")) {
        const title = group.querySelector(".group").textContent.toLowerCase();
        let some = false;
        for (const row of group.querySelectorAll("tr[data-verdict]")) {
          const text = title + " " + row.textContent.toLowerCase();
          const fits =
            words.every((word) => text.includes(word)) &&
            (!verdict.value || row.dataset.verdict === verdict.value) &&
            (!source.value || row.dataset.source === source.value);
          row.hidden = !fits;
          some ||= fits;
          shown += fits;
        }
        group.hidden = !some;
      }
      count.textContent = `${shown} rows`;
    };
    const verdict = select(board, "verdict", "all verdicts", update);
    const source = select(board, "source", "all sources", update);
    search.type = "search";
    search.placeholder = "search";
    search.setAttribute("aria-label", "search the scoreboard");
    search.addEventListener("input", update);
    count.setAttribute("role", "status");
    controls.className = "controls";
    controls.append(search, verdict, source, count);
    board.prepend(controls);
    update();
  };

  addEventListener("DOMContentLoaded", () => document.querySelectorAll(".scoreboard.searchable").forEach(equip));
}

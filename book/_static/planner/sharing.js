// What leaves the page when the reader asks for it: a link that carries curve and question, files of the answer and of the picture.
"use strict";

plaw.sharing = (() => {
  const MARK = "#planner?"; // before the fields in the link's fragment, which no server sees
  const SHARPER = 2; // pixels of a PNG for each of the screen's
  const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity", "paint-order", "font-family", "font-size", "font-weight"];

  /** The address of this page with the fields that are filled in. */
  const linkOf = (fields) => location.href.split("#")[0] + MARK + new URLSearchParams(fields.filter(([, text]) => text.trim()));

  /** The fields that the page's address carries, or null. */
  const fieldsOf = (address) => (address.includes(MARK) ? Object.fromEntries(new URLSearchParams(address.slice(address.indexOf(MARK) + MARK.length))) : null);

  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const saveText = (name, text, type) => save(name, new Blob([text], { type }));

  /** The picture as SVG that needs no style sheet, on the page's ground. */
  function standalone(svg) {
    const copy = svg.cloneNode(true), copies = copy.querySelectorAll("*");
    svg.querySelectorAll("*").forEach((node, i) => {
      const style = getComputedStyle(node);
      for (const name of STYLES) copies[i].style.setProperty(name, style.getPropertyValue(name));
    });
    const ground = copy.insertBefore(document.createElementNS(svg.namespaceURI, "rect"), copy.firstChild);
    ground.setAttribute("width", "100%");
    ground.setAttribute("height", "100%");
    ground.style.fill = getComputedStyle(document.body).backgroundColor;
    copy.setAttribute("xmlns", svg.namespaceURI);
    return new XMLSerializer().serializeToString(copy);
  }

  async function savePng(name, svg) {
    const picture = new Image(), canvas = document.createElement("canvas"), { width, height } = svg.viewBox.baseVal;
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(svg))}`;
    await picture.decode();
    [canvas.width, canvas.height] = [SHARPER * width, SHARPER * height];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(name, blob));
  }

  return { linkOf, fieldsOf, saveText, standalone, savePng };
})();

// Whatever scrolls sideways on a narrow screen, a wide formula or table, can be scrolled with the keyboard too.
"use strict";
{
  const makeFocusable = () => {
    for (const box of document.querySelectorAll(".bd-article :is(div.math, div[style*='overflow-x'], .output, .highlight pre, .pst-scrollable-table-container)")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    }
  };
  addEventListener("load", makeFocusable);
  addEventListener("resize", makeFocusable);
}

// The target on the picture, moved with a mouse, a finger or the keyboard.
"use strict";

plaw.handle = (() => {
  const STEP = 1.02, LEAP = 1.25; // of an arrow key and of a page key

  /**
   * Make `knob`, an element with the role of a slider that lies over the picture, move the target. chart(): {up, inner, valueAt} of
   * the drawn chart; moved(error): the target is on its way; dropped(error): it has arrived.
   */
  function make(knob, { chart, target, moved, dropped }) {
    let dragging = false;
    const within = (error) => {
      const { inner, valueAt } = chart(), [low, high] = [valueAt(inner.bottom), valueAt(inner.top)];
      return Number(Math.min(Math.max(error, low), high).toPrecision(3));
    };
    const at = (event) => within(chart().valueAt(event.clientY - knob.parentElement.getBoundingClientRect().top));
    knob.addEventListener("pointerdown", (event) => {
      dragging = true;
      knob.setPointerCapture(event.pointerId);
      knob.focus();
      event.preventDefault();
    });
    knob.addEventListener("pointermove", (event) => dragging && moved(at(event)));
    for (const end of ["pointerup", "pointercancel"]) {
      knob.addEventListener(end, (event) => {
        if (dragging) dropped(at(event));
        dragging = false;
      });
    }
    knob.addEventListener("keydown", (event) => {
      const { inner, valueAt } = chart(), factor = { ArrowUp: STEP, ArrowRight: STEP, ArrowDown: 1 / STEP, ArrowLeft: 1 / STEP, PageUp: LEAP, PageDown: 1 / LEAP }[event.key];
      const edge = { Home: inner.bottom, End: inner.top }[event.key];
      if (factor === undefined && edge === undefined) return;
      event.preventDefault();
      dropped(within(edge === undefined ? target() * factor : valueAt(edge)));
    });
  }

  /** Put the knob at the target's height; text: the target in words. */
  function place(knob, { up, inner, valueAt }, error, value, text) {
    knob.style.top = `${up(error)}px`;
    knob.style.left = `${inner.right}px`;
    for (const [name, number] of [["min", valueAt(inner.bottom)], ["max", valueAt(inner.top)], ["now", value]]) knob.setAttribute(`aria-value${name}`, Number(number.toPrecision(3)));
    knob.setAttribute("aria-valuetext", text);
  }

  return { make, place };
})();

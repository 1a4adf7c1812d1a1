// Scrolls the drawing on an asset's page, which may be larger than its frame, to that asset.
"use strict";
{
  const here = document.querySelector(".frame.small .node[aria-current]");
  const frame = here?.closest(".frame"), middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
  if (frame) {
    const [x, y] = middle(here.getBoundingClientRect());
    const [left, top] = middle(frame.getBoundingClientRect());
    frame.scrollBy(x - left, y - top);
  }
}

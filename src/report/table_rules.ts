/** Rules above, below the head and at the end; columns are kept apart by space alone, so that a wide run still fits. */
export const rules = {
  top: "─",
  "top-mid": "─",
  "top-left": "",
  "top-right": "",
  bottom: "─",
  "bottom-mid": "─",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
};

/**
 * Attributes of an element: a text or number as value, true for an attribute without a value, false and undefined for
 * no attribute, a function for a listener.
 */
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** Makes an element. Names that begin with `on` are listeners: `onclick`. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** The element with an id that the page's HTML has. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`internal: the page has no ${kind.name} #${id}`);
  return found;
}

/**
 * Colours of the current theme, cached: to read the style for each of a thousand lines takes longer than to draw them.
 */
const colours = new Map<string, string>();
const darkness = matchMedia("(prefers-color-scheme: dark)");
darkness.addEventListener("change", () => colours.clear());

/** Value of a custom property of the page's style, such as `--task-0`: a colour of the theme. */
export function themeColour(name: string): string {
  const known = colours.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  colours.set(name, known);
  return known;
}

/** Calls back when the theme has changed from light to dark or back. */
export function onTheme(listener: () => void): void {
  darkness.addEventListener("change", listener);
}

/** Whether the visitor asked for less motion. */
export function prefersStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

import { byId } from "./dom.ts";

/**
 * Lets the visitor change between panels by tabs: the Tab key reaches only the selected tab, the arrow keys move
 * between tabs (WAI-ARIA Authoring Practices, "Tabs").
 * @param names ids of the panels; the tab of panel x is #tab-x
 */
export function tabs(names: readonly string[], changed: () => void): void {
  const all = names.map((name) => ({ tab: byId(`tab-${name}`, HTMLButtonElement), panel: byId(name, HTMLElement) }));
  const show = (chosen: number) => {
    all.forEach(({ tab, panel }, number) => {
      tab.setAttribute("aria-selected", String(number === chosen));
      tab.tabIndex = number === chosen ? 0 : -1;
      panel.hidden = number !== chosen;
    });
    changed();
  };
  all.forEach(({ tab }, number) => {
    tab.addEventListener("click", () => show(number));
    tab.addEventListener("keydown", ({ key }) => {
      const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? all.length - 1 : 0;
      if (step === 0) return;
      const next = (number + step) % all.length;
      show(next);
      all[next].tab.focus();
    });
  });
}

import type { BenchmarkProgress } from "../../benchmark/benchmark.ts";
import { caseNames } from "../../benchmark/cases.ts";
import type { BenchmarkResult } from "../../benchmark/result.ts";
import { callsTo } from "../calls.ts";
import { element } from "../page/dom.ts";
import type { BenchmarkHost } from "./host.ts";
import { type FigureTable, figureTables, markdown } from "./tables.ts";

/** The benchmark of `split-ticket bench` in the page, with results to copy. */
export function benchmarkTab(failed: (error: unknown) => void): HTMLElement {
  let host: BenchmarkHost | undefined;
  let result: BenchmarkResult | undefined;
  const status = element("p", { class: "status", role: "status" });
  const tables = element("div", { class: "stage" });
  const cases = element(
    "select",
    { id: "cases" },
    element("option", { value: "" }, "all that suit the machine"),
    ...caseNames.map((name) => element("option", { value: name }, name)),
  );
  const act = (label: string, action: () => Promise<void>, kind = "") =>
    element("button", { type: "button", class: kind, onclick: () => void action().catch(failed) }, label);

  const run = async (isQuick: boolean) => {
    host ??= openHost(({ number, total, name }) => {
      status.textContent = `${number} of ${total}: ${name}`;
    });
    setRunning(true);
    status.textContent = "opening the adapter …";
    try {
      result = await host.run(cases.value ? [cases.value] : [], isQuick);
      status.textContent = where(result);
      tables.replaceChildren(...figureTables(result).map(tablePanel));
    } catch (error) {
      status.textContent = "";
      if (!(error instanceof Error && error.name === "AbortError")) throw error;
    } finally {
      setRunning(false);
    }
  };
  const quick = act("Quick", () => run(true), "primary");
  const whole = act("Whole", () => run(false));
  const stop = act("Stop", async () => host?.stop());
  const copy = (label: string, text: (result: BenchmarkResult) => string) =>
    act(label, async () => {
      if (!result) return;
      await navigator.clipboard.writeText(text(result));
      status.textContent = `${where(result)}: copied`;
    });
  const copyTable = copy("Copy tables", (done) => markdown(where(done), figureTables(done)));
  const copyJson = copy(
    "Copy JSON",
    (done) => `${JSON.stringify({ browser: navigator.userAgent, ...done }, null, 2)}\n`,
  );
  const setRunning = (isRunning: boolean) => {
    quick.disabled = whole.disabled = isRunning;
    stop.disabled = !isRunning;
    copyTable.disabled = copyJson.disabled = isRunning || !result;
  };
  setRunning(false);
  quick.title = "fewer and shorter trials, as a check that everything works";
  return element(
    "div",
    { class: "stage" },
    element(
      "section",
      { class: "panel" },
      element("h2", {}, "Benchmark"),
      element(
        "p",
        { class: "welcome" },
        "How fast this browser trains small networks: the ceilings of its adapter and of one CPU thread, each engine by shape, density and population, and each kernel. Every result is compared with plain loops before it is timed. Close other programs that compute.",
      ),
      element(
        "div",
        { class: "transport" },
        element("label", { for: "cases" }, "Cases"),
        element("span", {}, cases),
        quick,
        whole,
        stop,
        status,
        copyTable,
        copyJson,
      ),
    ),
    tables,
  );
}

function openHost(hear: (progress: BenchmarkProgress) => void): BenchmarkHost {
  const worker = new Worker(new URL("benchmark.js", import.meta.url), { type: "module" });
  return callsTo<BenchmarkHost, BenchmarkProgress>(worker, hear);
}

/** Browser and adapter in a line. */
function where({ adapter, quick }: BenchmarkResult): string {
  const browser = /(Firefox|Edg|Chrome|Version)\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? navigator.userAgent;
  return `${browser.replace("Version", "Safari")}, ${adapter ? `${adapter.name} (${adapter.kind})` : "no adapter"}, ${navigator.hardwareConcurrency} threads${quick ? ", quick" : ""}`;
}

function tablePanel({ title, heads, rows }: FigureTable): HTMLElement {
  const head = element("thead", {}, element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text))));
  const body = element(
    "tbody",
    {},
    ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell)))),
  );
  const place = element(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": title },
    element("table", { class: "figures-table" }, head, body),
  );
  return element("section", { class: "panel" }, element("h2", {}, title), place);
}

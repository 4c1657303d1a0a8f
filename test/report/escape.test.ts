import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import { visible } from "../../src/base/visible.ts";
import { encodeAddress, escapeMarkdown, escapeXml } from "../../src/report/escape.ts";
import { ticketGraphml } from "../../src/report/graphml.ts";
import { htmlReport } from "../../src/report/html.ts";
import { markdownReport } from "../../src/report/markdown.ts";
import type { ReportedRun } from "../../src/report/reported_run.ts";
import { runReport } from "../../src/report/run_report.ts";
import { ticketFigure } from "../../src/report/ticket_figure.ts";
import { task, ticket } from "../analysis/drawn.ts";
import { extensionRun } from "./reported.ts";

/** Markup, quotes, characters that XML forbids, a tab, a line end, half a character, a pattern of our own. */
const hostile = `</title><script>alert('1')</script>&amp;"\u0000\u0007\u001b[31m\ufffe\t\n\ud800]]> hatch-crossed-009E73`;

/** Characters that an XML file may not hold, in any form. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}|&#(?:x?0*[0-8];|1[1-9];|2\d;|3[01];)/u;

test("XML: content and attributes", () => {
  expect(escapeXml(`<a b="c" d='e'> & \t\r\n`)).toBe("&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62; &#38; ␉␍␊");
  expect(escapeXml("\u0000\u001b\uffff\udc00\u009b\u202e\u200bx")).toBe("␀␛\ufffd\ufffd\ufffd\ufffd\ufffdx");
  expect(escapeXml("größe 🧪")).toBe("größe 🧪");
});

test("Markdown: one line of text, and a part of an address", () => {
  expect(escapeMarkdown("# a_b *c* `d` [e](f) <g> | h\n- i\u001b")).toBe(
    "\\# a\\_b \\*c\\* \\`d\\` \\[e\\](f) &lt;g&gt; \\| h - i␛",
  );
  expect(encodeAddress("my report (v2) #1?-figures")).toBe("my%20report%20%28v2%29%20%231%3F-figures");
});

/** A run in which every name from outside is hostile. */
function hostileRun(seed: number): ReportedRun {
  const run = extensionRun(1, seed);
  const levels = run.levels.map((level) => ({ ...level, valAccuracy: { [hostile]: 0.9, plain: 0.8 } }));
  const timings = run.timings.map((timing) => ({ ...timing, cpu: hostile, adapterKind: hostile }));
  return { ...run, levels, timings, name: hostile, executor: hostile, path: hostile, scoreNames: { plain: "R²" } };
}

test("a report shows names as text: page, figures, their data, Markdown", () => {
  const content = runReport([hostileRun(0), { ...hostileRun(1), name: "other", spec: { dataset: hostile } }], hostile);
  const page = htmlReport(content);
  expect(page).not.toMatch(forbidden);
  const { document } = parseHTML(page);
  expect(document.querySelectorAll("script")).toHaveLength(1);
  expect(document.querySelector("title")?.textContent).toContain("</title><script>alert('1')</script>&amp;");
  for (const { id, svg } of content.figures) {
    expect(svg).not.toMatch(forbidden);
    expect(svg).not.toContain("<script");
    // The name of a pattern within a name is text.
    expect(svg.replaceAll(/(id="|url\(#)[a-z-]+-hatch-/g, "")).not.toContain(`${id}-hatch-`);
  }
  const markdown = markdownReport(content, "my report (v2)-figures");
  expect(markdown).not.toMatch(/<\w|<!/);
  expect(markdown).not.toContain("\u001b");
  expect(markdown.split("\n")[0]).toMatch(/^# Runs of &lt;\/title&gt;/);
  expect(markdown).toContain("](my%20report%20%28v2%29-figures/loss.svg)");
});

test("a ticket's figure and graph hold the names of its tasks as text", () => {
  const tasks = [task(hostile, [0, 2], [0, 1]), task("moons", [2, 2], [1, 1])];
  const mask = ticket([4, 4, 2], ["0-0 1-0 2-1 3-1 3-2", "0-0 1-1 3-1"]);
  const analysis = analyze(mask, tasks, "total");
  const graph = ticketGraphml({ shape: mask.shape, mask }, analysis, tasks);
  for (const text of [graph, ticketFigure({ mask, tasks, ...analysis, title: hostile })]) {
    expect(text).not.toMatch(forbidden);
    expect(text).not.toContain("<script");
    expect(text).toContain("&#60;script&#62;");
  }
  const shown = parseHTML(graph).document.querySelector('node data[key="task"]')?.textContent;
  expect(shown).toBe(visible(hostile).replaceAll("\ufffe", "\ufffd"));
});

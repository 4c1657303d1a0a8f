/** Folders whose tests run kernels on an adapter. */
const gpuFolders = ["test/kernels/", "test/engine/", "test/device/"];

/** A report's path of a file, from the root. */
function nameIn(root, file) {
  const prefix = `${root.replaceAll("\\", "/")}/`;
  const path = file.replaceAll("\\", "/");
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

/**
 * Counts the tests in vitest's JSON report. A file that failed without a failed test (it could not be loaded, or a hook
 * threw) counts as one failure.
 * @param report output of vitest's json reporter, or null if there is none
 * @param root the folder that contains the report's files
 */
export function countTests(report, root) {
  const counts = { passed: 0, failed: 0, skipped: 0, gpu: 0, files: 0 };
  for (const file of report?.testResults ?? []) {
    counts.files++;
    const name = nameIn(root, file.name);
    const needsAdapter = gpuFolders.some((folder) => name.startsWith(folder));
    let failedHere = 0;
    for (const test of file.assertionResults) {
      if (test.status === "passed") {
        counts.passed++;
        if (needsAdapter) counts.gpu++;
      } else if (test.status === "failed") failedHere++;
      else counts.skipped++;
    }
    if (file.status === "failed" && failedHere === 0) failedHere = 1;
    counts.failed += failedHere;
  }
  return counts;
}

/** First lines of a message, without colours and without the stack. */
const messageLines = 5;
const lineLength = 300;
/** Failures that are listed with their messages, and by name alone; a fault in what all tests use fails thousands. */
const withMessage = 40;
const byName = 400;

/**
 * The failures in vitest's JSON report: failed tests, and files that failed without one.
 * @returns `{ name, message }` of each, in the order of the report
 */
export function failedTests(report, root) {
  const failures = [];
  for (const file of report?.testResults ?? []) {
    const path = nameIn(root, file.name);
    const failed = file.assertionResults.filter(({ status }) => status === "failed");
    for (const { ancestorTitles = [], title, failureMessages = [] } of failed)
      failures.push({ name: [path, ...ancestorTitles, title].join(" > "), message: failureMessages.join("\n") });
    if (file.status === "failed" && failed.length === 0) failures.push({ name: path, message: file.message ?? "" });
  }
  return failures;
}

/**
 * The failures as lines, which stand just above the last line of a check: hosts keep the end of a long log. `.ci/run` finds
 * them by the first line.
 * @param failures `{ name, message }`
 */
export function failureLines(failures) {
  if (failures.length === 0) return [];
  const lines = ["failures:"];
  for (const [i, { name, message }] of failures.slice(0, byName).entries()) {
    lines.push(`FAILED ${oneLine(name)}`);
    if (i >= withMessage) continue;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
    const text = message.replace(/\x1b\[[0-9;]*m/g, "").split(/\r?\n/);
    const said = text.filter((line) => line.trim() !== "" && !/^\s+at .+:\d+:\d+\)?$/.test(line));
    lines.push(...said.slice(0, messageLines).map((line) => `  ${line.slice(0, lineLength)}`));
  }
  if (failures.length > byName) lines.push(`and ${failures.length - byName} more`);
  return lines;
}

const oneLine = (text) => text.replace(/\s+/g, " ").slice(0, lineLength);

/**
 * The last lines of a test run. The last one is exactly `N passed, N failed`; a failed stage without a failed test
 * counts as one failure, so a failed run never ends with `0 failed`.
 * @param stages `{ name, ok, seconds, output }` in the order of execution; what it printed, where that was kept
 * @param counts from {@link countTests}
 * @param adapter the adapter of the tests
 * @param whole true if all tests were requested; then at least one GPU test must have passed
 * @param failures from {@link failedTests}
 * @returns `{ lines, ok }`
 */
export function closingLines(stages, counts, adapter, whole, failures) {
  const lines = stages.map(({ name, ok, seconds }) => `${name}: ${ok ? "ok" : "FAILED"} (${seconds.toFixed(1)} s)`);
  lines.push(`adapter: ${adapter}`);
  lines.push(`${counts.files} test files, ${counts.gpu} GPU tests passed, ${counts.skipped} tests skipped`);
  // The stage of the tests is the last.
  const faults = stages
    .filter(({ ok }, i) => !ok && !(i === stages.length - 1 && counts.failed > 0))
    .map(({ name, output }) => ({ name, message: output ?? "failed without a failed test; its output is above" }));
  if (whole && counts.gpu === 0) {
    const message = "none below test/kernels, test/engine or test/device passed; see the adapter line";
    faults.push({ name: "no GPU test ran", message });
  }
  const failed = counts.failed + faults.length;
  lines.push(...failureLines([...faults, ...failures]), `${counts.passed} passed, ${failed} failed`);
  return { lines, ok: failed === 0 };
}

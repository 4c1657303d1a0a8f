/** Folders whose tests run kernels on an adapter. */
const gpuFolders = ["test/kernels/", "test/engine/", "test/device/"];

/**
 * Counts the tests in vitest's JSON report. A file that failed without a failed test (it could not be loaded, or a hook
 * threw) counts as one failure.
 * @param report output of vitest's json reporter, or null if there is none
 * @param root the folder that contains the report's files
 */
export function countTests(report, root) {
  const counts = { passed: 0, failed: 0, skipped: 0, gpu: 0, files: 0 };
  const prefix = `${root.replaceAll("\\", "/")}/`;
  for (const file of report?.testResults ?? []) {
    counts.files++;
    const path = file.name.replaceAll("\\", "/");
    const name = path.startsWith(prefix) ? path.slice(prefix.length) : path;
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

/**
 * The last lines of a test run. The last one is exactly `N passed, N failed`; a failed stage without a failed test
 * counts as one failure, so a failed run never ends with `0 failed`.
 * @param stages `{ name, ok, seconds }` in the order of execution
 * @param counts from {@link countTests}
 * @param adapter the adapter of the tests
 * @param whole true if all tests were requested; then at least one GPU test must have passed
 * @returns `{ lines, ok }`
 */
export function closingLines(stages, counts, adapter, whole) {
  const lines = stages.map(({ name, ok, seconds }) => `${name}: ${ok ? "ok" : "FAILED"} (${seconds.toFixed(1)} s)`);
  lines.push(`adapter: ${adapter}`);
  lines.push(`${counts.files} test files, ${counts.gpu} GPU tests passed, ${counts.skipped} tests skipped`);
  let failed = counts.failed + stages.filter(({ name, ok }) => !ok && !(name === "tests" && counts.failed > 0)).length;
  if (whole && counts.gpu === 0) {
    lines.push(
      "FAILED: no GPU test ran (none below test/kernels, test/engine or test/device passed); see the adapter line",
    );
    failed++;
  }
  lines.push(`${counts.passed} passed, ${failed} failed`);
  return { lines, ok: failed === 0 };
}

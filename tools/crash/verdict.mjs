/** Levels of which a command said that they are finished, as `seed 1, level 0`. */
export function finishedLevels({ stderr }) {
  return [...stderr.matchAll(/^(?:.* )?(seed \d+, level \d+)\/\d+: .*\bepochs\b/gm)].map(([, level]) => level);
}

/** What makes an input wrong, so that a command may end with 2: codes of a wrong path, a damaged file. */
const byThePath = new Set(["ELOOP", "damage"]);

/**
 * What is wrong with how a disturbed command ended; empty if nothing.
 * @param code of the error that it was given
 */
export function wrongEnd({ code, stderr }, errorCode) {
  const wrong = [];
  if (code === "hangs") return ["internal: it does not end"];
  const [internal] = /^.*(?:internal:|AggregateError|Unhandled).*$|^\s+at .*:\d+:\d+\)?$/m.exec(stderr) ?? [];
  if (internal) wrong.push(`internal: ${internal}`);
  if (code === 0) return wrong;
  const lines = stderr.split("\n").filter((line) => line.startsWith("split-ticket: "));
  if (lines.length === 0) wrong.push(`silent: it ends with ${code} and says nothing: ${stderr.slice(-300)}`);
  const mayBe = byThePath.has(errorCode) ? [1, 2] : [1];
  if (!mayBe.includes(code)) wrong.push(`it ends with ${code}, not ${mayBe.join(" or ")}: ${lines.join(" / ")}`);
  return wrong;
}

/** What is wrong with the command that goes on: it must succeed, and train no level that was said to be finished. */
export function wrongContinuation(before, after) {
  const wrong = [];
  if (after.code === "hangs") wrong.push("internal: the next command does not end");
  else if (after.code !== 0) {
    wrong.push(
      `lost: the next command ends with ${after.code}: ${after.stderr
        .split("\n")
        .filter((line) => line.startsWith("split-ticket:"))
        .join(" / ")}`,
    );
  }
  if (/internal:/.test(after.stderr)) wrong.push("internal: in the next command");
  const told = new Set(before.flatMap(finishedLevels));
  const again = finishedLevels(after).filter((level) => told.has(level));
  if (again.length > 0) wrong.push(`lost: ${again.join(", ")} trained again`);
  return wrong;
}

import { specKeyGroups } from "../lottery/spec_schema.ts";

const indent = 20;
const width = 80;

/** Every spec key with what it sets, its values and its default, in lines of at most 80 characters. */
export function keyHelp(): string {
  return specKeyGroups
    .flatMap(({ title, keys }) => [
      `  ${title}`,
      ...keys.flatMap(({ key, meaning, give, standard }) => {
        const lines = wrapped(`${meaning} (${give}${standard === undefined ? "" : `; default ${standard}`})`);
        return lines.map((line, i) => `${(i === 0 ? `    ${key}` : "").padEnd(indent)}${line}`);
      }),
    ])
    .join("\n");
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && indent + last.length + 1 + word.length <= width) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}

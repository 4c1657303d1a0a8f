/** Fields of the forms for branches and for stability, by the names in messages. */
const fields = ["levels", "seeds", "data", "dataSeed", "copies", "points"] as const;
export type StudyField = (typeof fields)[number] | "from";

/** How messages name each field. */
const namedBy: Readonly<Record<(typeof fields)[number], RegExp>> = {
  levels: /\blevels?\b/,
  seeds: /\bseeds?\b/,
  data: /\bdata\b/,
  dataSeed: /\bdataSeed\b/,
  copies: /\bcopies\b/,
  points: /\bpoints\b/,
};

/**
 * The field that an error is about: the first that its message names outside the paths of runs.
 * @param from folder of the run whose masks are transplanted; what is wrong with it is told of its folder
 * @returns undefined if it names none
 */
export function studyFieldAtFault(message: string, from?: string): StudyField | undefined {
  if (from !== undefined && message.startsWith(`${from}:`)) return "from";
  const text = message.replaceAll(/\S*\/seed-\d+/g, "");
  // What is wrong with other data is told of their name.
  const ofData = /^--data [^:]*: /.exec(text)?.[0];
  return firstNamed(text.slice(ofData?.length ?? 0)) ?? (ofData ? "data" : undefined);
}

function firstNamed(text: string): StudyField | undefined {
  const places = fields.map((field) => ({ field, place: text.search(namedBy[field]) }));
  const [first] = places.filter(({ place }) => place >= 0).sort((a, b) => a.place - b.place);
  return first?.field;
}

/** A message of the command line without the dashes of its options. */
export function withoutDashes(message: string): string {
  return message.replaceAll(/(?<![\w-])--(?=[a-z])/g, "");
}

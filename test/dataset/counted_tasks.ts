import { type CountedTask, readDeclaration } from "../../src/dataset/tasks.ts";

/** Tasks that are declared by their numbers of columns, such as `a:2:1,b:2:1`. */
export function countedTasks(text: string): readonly CountedTask[] {
  const declared = readDeclaration(text);
  if ("counted" in declared) return declared.counted;
  throw new Error(`${text} declares tasks by their columns`);
}

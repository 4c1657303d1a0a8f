import type { Kernel } from "./kernel.ts";

/** One kernel for each choice, made when first asked for: equal choices share a kernel, and so a pipeline. */
export function variantsOf<Choice extends { readonly name: string }, K extends Kernel>(
  make: (choice: Choice) => K,
): (choice: Choice) => K {
  const made = new Map<string, K>();
  return (choice) => {
    const kernel = made.get(choice.name) ?? make(choice);
    made.set(choice.name, kernel);
    return kernel;
  };
}

import * as z from "zod";

/** What people read about a key of a spec: in error messages, help texts, the README and the page's form. */
export interface KeyText {
  /** Label of its control. */
  readonly label: string;
  /** What it sets, in a few words. */
  readonly meaning: string;
  /** Its values, as the end of the sentence "give ..". */
  readonly give: string;
  /** What holds where it is left out, as it is written; undefined where that depends on other keys. */
  readonly standard?: string;
}

/** The texts of all keys, by the key's schema. */
export const keyTexts = z.registry<KeyText>();

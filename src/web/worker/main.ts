import { serveCalls } from "../calls.ts";
import type { LabEvent } from "../protocol.ts";
import { LocalLaboratory } from "./laboratory.ts";

/** What runs in the page's worker. */
const laboratory = new LocalLaboratory(new URL(".", import.meta.url), (event) => send(event));
const send = serveCalls<LabEvent>(self, laboratory);

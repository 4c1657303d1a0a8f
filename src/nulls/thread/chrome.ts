import { serveNullThread } from "../threads.ts";

/** Script of a dedicated worker in a browser. */
const serve = serveNullThread((values, transfer) => self.postMessage(values, { transfer }));
self.addEventListener("message", ({ data }) => serve(data));

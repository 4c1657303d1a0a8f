import { serveThread } from "../thread.ts";

/** What runs in a dedicated worker of a browser. */
const serve = serveThread((answer, transfer) => self.postMessage(answer, { transfer }));
self.addEventListener("message", ({ data }) => serve(data));

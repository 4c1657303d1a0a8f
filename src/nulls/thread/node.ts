import { parentPort } from "node:worker_threads";
import { invariant } from "../../base/errors.ts";
import { serveNullThread } from "../threads.ts";

/** Script of a worker thread in Node. */
const port = parentPort;
invariant(port, "the thread's script was not started as a thread");
port.on(
  "message",
  serveNullThread((values, transfer) => port.postMessage(values, transfer)),
);

/**
 * Waits for one turn of the event loop, so that pending events are handled. Uses a message, not a timer: where the work
 * of every turn takes longer than the shortest timer, a timer is always due and Node never polls for signals and files
 * (observed: SIGTERM handled seconds late).
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

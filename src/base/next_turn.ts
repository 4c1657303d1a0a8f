/**
 * Waits for a turn of the event loop, so that what has arrived meanwhile is heard. By message, not by timer: where every turn's
 * work takes longer than the shortest timer, Node's timers are always due and it never looks for signals and files (seen:
 * SIGTERM heard seconds late).
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

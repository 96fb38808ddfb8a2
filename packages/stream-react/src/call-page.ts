/** Calls a function of the page. What it throws is the page's to handle, as an uncaught error; the caller goes on. */
export function callPage(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

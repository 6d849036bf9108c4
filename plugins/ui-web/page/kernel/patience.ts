/** How long to wait before each next try. The last one repeats. A browser logs every try that fails. */
const WAITS_MS = [500, 1_000, 1_000, 2_000, 3_000, 5_000];
/** While the page is hidden. It tries at once when it is shown. */
const HIDDEN_MS = 30_000;

/** Waits before the next try. It ends at once when the user looks at the page, or a network is there. */
export async function waitToRetry(tries: number): Promise<void> {
  const ms = document.hidden ? HIDDEN_MS : WAITS_MS[Math.min(tries, WAITS_MS.length - 1)];
  const over = new AbortController();
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms);
    const retryNow = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      resolve();
    };
    const { signal } = over;
    document.addEventListener('visibilitychange', retryNow, { signal });
    for (const event of ['focus', 'online', 'pageshow']) addEventListener(event, retryNow, { signal });
  });
  over.abort();
}

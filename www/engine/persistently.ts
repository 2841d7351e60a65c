/** How long to wait before each further try to fetch a part of the engine. */
const RETRY_AFTER_MS = [300, 1_500, 5_000];

/** A network that fails for a moment must not cost the visitor the page. */
export async function persistently<T>(fetchIt: () => Promise<T>): Promise<T> {
  for (const wait of RETRY_AFTER_MS) {
    try {
      return await fetchIt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return fetchIt();
}

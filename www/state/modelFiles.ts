/** The files that are shipped beside the catalogue of models. */

const BASE = `${import.meta.env.BASE_URL}models/`;

/** The bytes of a file beside the catalogue. */
export async function fetchBytes(file: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(BASE + file, document.baseURI), signal ? { signal } : {});
  if (!response.ok) throw new Error(`${file}: ${String(response.status)} ${response.statusText}`);
  // A development server answers unknown addresses with the page itself.
  if (response.headers.get('content-type')?.includes('text/html')) throw new Error(`${file} is missing`);
  return new Uint8Array(await response.arrayBuffer());
}

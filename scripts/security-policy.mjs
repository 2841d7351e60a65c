// What the built page may load and run, as a Content-Security-Policy: by a meta tag in its HTML, and with the other headers
// that a host should send in the file `_headers`, which Netlify, Cloudflare Pages and scripts/serve.mjs read. A worker
// follows the policy that its own script is sent with, which no meta tag can give.
import { createHash } from 'node:crypto';

/** `attributes` of a script that is data, or comes from a file, allow nothing to run that is written here. */
const runs = (attributes) => !/\ssrc=|type="(application\/json|text\/html)"/.test(attributes);

/** @returns {string[]} the hash of each script or style that stands in the HTML itself, as a policy names it */
function hashes(html, tag) {
  const found = [...html.matchAll(new RegExp(`<${tag}\\b([^>]*)>(.*?)</${tag}>`, 'gs'))];
  const texts = found.filter(([, attributes]) => runs(attributes)).map(([, , text]) => text);
  return [...new Set(texts)].map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
}

/**
 * @param {string} html
 * @param {readonly string[]} elsewhere what the visitor may ask for from other hosts
 */
export function policyOf(html, elsewhere) {
  return Object.entries({
    'default-src': ["'self'"],
    // Compiling WebAssembly is allowed; evaluating text as a script is not.
    'script-src': ["'self'", "'wasm-unsafe-eval'", ...hashes(html, 'script')],
    'style-src': ["'self'", ...hashes(html, 'style')],
    // The threads of the engine start from a script that it holds in memory.
    'worker-src': ["'self'", 'blob:'],
    'connect-src': ["'self'", ...elsewhere],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
  })
    .map(([directive, sources]) => [directive, ...sources].join(' '))
    .join('; ');
}

const headers = (policy) => `/*
  Content-Security-Policy: ${policy}
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
  Cross-Origin-Resource-Policy: same-origin
  X-Content-Type-Options: nosniff
/assets/*
  Cache-Control: public, max-age=31536000, immutable
`;

/**
 * @param {readonly string[]} elsewhere
 * @returns {import('vite').Plugin}
 */
export function securityPolicy(elsewhere) {
  return {
    name: 'security-policy',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      // The HTML is complete then.
      order: 'post',
      handler(_, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') return;
        const html = String(page.source);
        const policy = policyOf(html, elsewhere);
        // Before everything that it is about.
        page.source = html.replace(
          '<head>',
          () => `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
        );
        this.emitFile({ type: 'asset', fileName: '_headers', source: headers(policy) });
      },
    },
  };
}

// Serves a folder of static files, as a plain host would.
//
//   node scripts/serve.mjs [folder] [--base /path/] [--plain]
//
// PORT (8080) and HOST (localhost) say where. --base serves the folder below a path, as a project
// page of a shared host does. The headers in the folder's file `_headers` are sent, as Netlify and
// Cloudflare Pages do; a folder without one is isolated from other origins, so that it gets threads.
// --plain sends nothing of that, as most hosts do.
//
// A file that lies beside it compressed (scripts/compress.mjs) is sent so to a browser that can read it.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    base: { type: 'string', default: '/' },
    plain: { type: 'boolean', default: false },
  },
});
const root = resolve(positionals[0] ?? 'dist');
const base = `/${options.base}/`.replaceAll(/\/+/g, '/');
const host = process.env.HOST || 'localhost';
const port = Number(process.env.PORT || 8080);

const mediaTypes = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * What a file `_headers` says: lines of paths, in which an ending * stands for anything, each with its headers indented
 * below it.
 *
 * @param {string} text
 */
function readHeaders(text) {
  const rules = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, name, value] = /^\s+([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name) rules.at(-1)?.headers.push([name.toLowerCase(), value]);
    else rules.push({ path: line.trim(), headers: [] });
  }
  return rules;
}

const ISOLATED = `/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
`;

/**
 * The headers for a path of the site; those of a later rule replace those of an earlier one. The file is read each time:
 * the page may be built anew meanwhile, and its policy names what stands in its HTML.
 */
async function headersOf(path) {
  if (options.plain) return {};
  const rules = readHeaders(await readFile(join(root, '_headers'), 'utf8').catch(() => ISOLATED));
  const fits = (rule) => (rule.endsWith('*') ? path.startsWith(rule.slice(0, -1)) : path === rule);
  return Object.fromEntries(rules.filter(({ path: rule }) => fits(rule)).flatMap(({ headers }) => headers));
}

/** How a browser is told that a file is compressed, and how the compressed file is called: the smaller first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
];

/** Whether a browser that sends this header reads an encoding. */
function accepts(header, encoding) {
  const offers = header.split(',').map((offer) => offer.trim().split(/\s*;\s*/));
  const offer = offers.find(([name]) => name === encoding) ?? offers.find(([name]) => name === '*');
  return offer !== undefined && !offer.some((part) => /^q=0(\.0*)?$/.test(part));
}

/** The compressed file to send in place of a file, if there is one as new as that. */
async function compressed({ file, changed }, header) {
  for (const [encoding, ending] of ENCODINGS) {
    if (!accepts(header, encoding)) continue;
    const packed = await stat(file + ending).catch(() => undefined);
    if (packed?.isFile() && packed.mtimeMs >= changed) {
      return { file: file + ending, size: packed.size, encoding };
    }
  }
  return undefined;
}

/** The file that a URL path names, or null where it names none inside the folder. */
async function fileOf(path) {
  if (!path.startsWith(base)) return null;
  let file = join(root, path.slice(base.length));
  if (file !== root && !file.startsWith(root + sep)) return null;
  try {
    let found = await stat(file);
    if (found.isDirectory()) {
      file = join(file, 'index.html');
      found = await stat(file);
    }
    return found.isFile() ? { file, size: found.size, changed: found.mtimeMs } : null;
  } catch {
    return null;
  }
}

async function answer(request, response) {
  const refuse = (status, text, headers = {}) => {
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers });
    response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(405, 'Only GET and HEAD are answered here.', { Allow: 'GET, HEAD' });
  }

  let path;
  try {
    path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  } catch {
    return refuse(400, 'The address cannot be read.');
  }
  if (`${path}/` === base) return refuse(308, `The page is at ${base}`, { Location: base });
  const found = await fileOf(path);
  if (!found) return refuse(404, `There is no ${path} here.`);

  const packed = await compressed(found, request.headers['accept-encoding'] ?? '');
  const state = [found.size, Math.round(found.changed)].map((part) => part.toString(36));
  const tag = `"${[...state, ...(packed ? [packed.encoding] : [])].join('-')}"`;
  const headers = {
    'cache-control': 'no-cache',
    ...(await headersOf(`/${path.slice(base.length)}`)),
    ...(packed ? { 'Content-Encoding': packed.encoding } : {}),
    'Content-Type': mediaTypes[extname(found.file)] ?? 'application/octet-stream',
    ETag: tag,
    Vary: 'Accept-Encoding',
  };
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304, headers);
    return response.end();
  }
  const { file, size } = packed ?? found;
  response.writeHead(200, { ...headers, 'Content-Length': size });
  if (request.method === 'HEAD') return response.end();
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}

if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`PORT=${process.env.PORT} is not a port number (0 to 65535).`);
  process.exit(1);
}
try {
  await stat(join(root, 'index.html'));
} catch {
  console.error(`There is no page in ${root}. Build it first: make build`);
  process.exit(1);
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.on('error', (error) => {
  if (error.code === 'EADDRINUSE') {
    console.error(
      `Port ${port} on ${host} is taken by another program. ` +
        `Choose another, for example: PORT=${port + 1} make serve`,
    );
  } else {
    console.error(`Cannot serve on ${host}:${port}: ${error.message}`);
  }
  process.exit(1);
});
server.listen(port, host, () => {
  console.log(`Latent Canvas is at http://${host}:${server.address().port}${base}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));

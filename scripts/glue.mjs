// Finishes what wasm-bindgen has written for a build, in its folder:
//
//   node scripts/glue.mjs FOLDER
//
// Its script is given npm/refusals.js: wrong calls become errors with a code, and `init` reads its file in Node. Its types
// are made to need no library that only pages have. Each place that is changed must be there: a wasm-bindgen that writes
// otherwise is to be noticed here.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is changed: a pattern, what stands in its place, and how often the pattern is there at least. */
const inScript = [
  // Until it is loaded, the module refuses every call.
  [/^let wasmModule, wasmInstance, wasm;$/gm, 'let wasmModule, wasmInstance, wasm = notLoaded;'],
  [/\bif \(wasm !== undefined\) return wasm;/g, 'if (wasm !== notLoaded) return wasm;', 2],
  [/\bmodule_or_path = fetch\(module_or_path\);/g, 'module_or_path = fetchOrRead(module_or_path);'],
  // Errors that have no code.
  [/(__wbindgen_throw_\w+: function\(arg0, arg1\) \{\s+throw) new Error\((.*)\);/g, '$1 misuse($2);'],
  [
    /(function _assertClass\(instance, klass\) \{\n)[^]*?\n\}\n/g,
    '$1    expectInstance(instance, klass);\n}\n',
  ],
  // What is about to be copied into the module's memory.
  [/function passArray(?:8|32|F32|F64)ToWasm0\((\w+), malloc\) \{\n/g, '$&    expectNumbers($1);\n', 3],
  [/function passStringToWasm0\((\w+), malloc, realloc\) \{\n/g, '$&    expectText($1);\n'],
  // The viewer takes no lists.
  [/function passArrayJsValueToWasm0\((\w+), malloc\) \{\n/g, '$&    expectList($1);\n', 0],
];

const inTypes = [
  [/\bRequestInfo\b(?=.*;$)/gm, 'string | Request'],
  [/\bBufferSource\b/g, 'ArrayBufferView | ArrayBuffer', 2],
];

/** What pages and workers declare fully, Node not at all, and `Symbol.dispose`, which is newer than ES2022. */
const typesHead = `/// <reference lib="esnext.disposable" />

declare global {
    namespace WebAssembly {
        interface Memory {}
        interface Module {}
        interface Table {}
    }
}

`;

/** A text with all of these changes. */
function changed(text, changes) {
  return changes.reduce((before, [pattern, replacement, least = 1]) => {
    const found = before.match(pattern)?.length ?? 0;
    if (found < least) throw new Error(`wasm-bindgen has written ${found} places like ${pattern}`);
    return before.replaceAll(pattern, replacement);
  }, text);
}

/** A build's script as the package has it. */
export function finishedScript(script) {
  // The first line says where the types are, and must stay first.
  const [first, ...rest] = changed(script, inScript).split('\n');
  const refusals = readFileSync(join(import.meta.dirname, '../npm/refusals.js'), 'utf8');
  return [first, '', refusals, ...rest].join('\n');
}

/** A build's types as the package has them. */
export function finishedTypes(types) {
  return typesHead + changed(types, inTypes);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [name, finish] of [
    ['latent_canvas.js', finishedScript],
    ['latent_canvas.d.ts', finishedTypes],
  ]) {
    const file = join(process.argv[2], name);
    writeFileSync(file, finish(readFileSync(file, 'utf8')));
  }
}

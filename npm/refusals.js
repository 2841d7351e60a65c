// The part of every build's script that is not wasm-bindgen's. scripts/glue.mjs puts it at the head of what wasm-bindgen
// writes, and has it asked there: before data is read, and where an error would be thrown that has no code.

/** An error with a stable code. */
function refusal(code, message) {
  return Object.assign(new Error(message), { code });
}

/** What stands for the module until `init` has loaded it. */
const notLoaded = new Proxy(
  {},
  {
    get() {
      throw refusal('not-loaded', 'the package is not loaded; call `await init()` first');
    },
  },
);

/** In place of what wasm-bindgen says when an object, or a list, is used as it cannot be. */
function misuse(said) {
  if (said.startsWith('null pointer')) {
    return refusal('freed', 'this object was freed and cannot be used any more');
  }
  if (/recursive use|borrowed/.test(said)) {
    return refusal('busy', 'this object is in use by another call, which must end first');
  }
  // A list that holds something else than it should.
  if (said.includes('wrong type')) return refusal('invalid-argument', said);
  return refusal('panic', `the engine met a defect in this program and must be restarted: ${said}`);
}

/** The kind of a value, for people. */
function kindOf(value) {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}

function expectInstance(value, expected) {
  if (!(value instanceof expected)) {
    throw refusal('invalid-argument', `a ${expected.name} is needed; got ${kindOf(value)}`);
  }
}

/** JavaScript would read a string, or the name of a length, as numbers. */
function expectNumbers(value) {
  const isNumeric = Array.isArray(value)
    ? value.every((element) => typeof element === 'number')
    : ArrayBuffer.isView(value) && typeof (value[0] ?? value.length) === 'number';
  if (!isNumeric) {
    throw refusal('invalid-argument', `a typed array of numbers is needed; got ${kindOf(value)}`);
  }
}

function expectList(value) {
  if (!Array.isArray(value)) throw refusal('invalid-argument', `a list is needed; got ${kindOf(value)}`);
}

function expectText(value) {
  if (typeof value !== 'string') {
    throw refusal('invalid-argument', `a string is needed; got ${kindOf(value)}`);
  }
}

/** The module's bytes, or the answer that brings them: the `fetch` of Node reads no files. */
function fetchOrRead(address) {
  const isFile = address instanceof URL && address.protocol === 'file:';
  const files = isFile ? globalThis.process?.getBuiltinModule?.('node:fs/promises') : undefined;
  return files ? files.readFile(address) : fetch(address);
}

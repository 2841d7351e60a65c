// Takes out of a built .wasm file, in place, what this crate can never run:
//
//   node scripts/slim-wasm.mjs FILE.wasm
//
// candle chooses the kernel of an operation by the tensor's number type when the program runs, so the
// linker must keep every kernel for every type, though this crate's tensors are all f32; and
// Tensor::backward keeps every operation that has a gradient. The functions listed below become a trap
// (`unreachable`), and then so does every function that no longer can be called. No function is
// renumbered: a body that is one trap takes four bytes and compresses to nothing, and so nothing but the
// code section changes.
//
// The list goes by the file's name section, which is then dropped. The names must be of Rust's v0
// mangling (.cargo/config.toml asks for it): only those say what types a generic function is for.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const kernels = 'candle_core::cpu_backend::';
const operation = `${kernels}CpuStorage as candle_core::backend::BackendStorage>::`;
const tensor = 'candle_core::tensor::Tensor>::';
const number = '(?:f64|half::binary16::f16|half::bfloat::bf16|float8::F8E4M3|u8|i16|u32|i32|i64)';

/**
 * What can never run, and why. Each `names` is the beginning of names, as a regular expression; `<` and
 * `<&` before it are left out. Each must fit some function: a candle that names its kernels otherwise is
 * to be noticed here, and not as a file that has grown.
 *
 * Two rules for new entries. LLVM makes functions of equal code one, under either name, so nothing may
 * be listed by its type alone that only moves numbers: a copy of u32 may be the copy of f32 as well.
 * And what the kernels call is not listed: it goes when nothing calls it.
 *
 * What is used later after all traps in the page, "RuntimeError: unreachable"; the page's tests run on
 * the slimmed file. A build without this step is whole, and has names in its stack traces.
 *
 * @type {{ names: string, because: string }[]}
 */
export const neverRun = [
  {
    names: `${kernels}utils::(unary|binary)_map\\w*::<(${number}, |f32, ${number}, )`,
    because: 'element-wise kernels of other numbers than f32, and conversions; no tensor here keeps any',
  },
  {
    names: `${tensor}(maximum|minimum|cmp|to_dtype)|${operation}(binary_impl::<candle_core::op::(Max|Min)imum>|cmp|to_dtype)|${kernels}Cmp as `,
    because: 'the larger of two tensors, comparisons and conversions; free bits have a fused operation',
  },
  {
    names: `${kernels}\\w+ as ${kernels}utils::Map\\w+>::f::<${number}`,
    because: 'sums, matrix products and the like of other numbers than f32',
  },
  {
    names: `${tensor}matmul|${operation}matmul|${kernels}MatMul|gemm_\\w+::`,
    because: 'matrix products; those of the fused kernels are our own',
  },
  {
    names: `${tensor}conv|${operation}conv|${kernels}(conv2d::|(Conv|Im2Col|Col2Im)\\w* as )`,
    because: 'convolutions; the networks are perceptrons',
  },
  {
    // These are called through tables, by their type: without this line they would all stay.
    names: `(rayon|rayon_core|core|alloc|std)::.*${kernels}(conv2d::|Conv)`,
    because: "the convolutions' work for threads",
  },
  {
    names: `${tensor}(avg_pool|max_pool|upsample|interpolate)|${operation}(avg_pool|max_pool|upsample)|${kernels}(AvgPool|MaxPool|Upsample)\\w* as `,
    because: 'pooling and upsampling, likewise',
  },
  {
    names: `${tensor}(gather|scatter|slice_scatter|index_)|${operation}(gather|scatter|index_)|${kernels}(Gather|Scatter|IndexAdd|IndexSelect)<`,
    because: 'rows by an index tensor; the data set picks its rows itself',
  },
  {
    names: `${tensor}where_cond|${operation}where_cond|${kernels}WCond<`,
    because: 'choice by a mask; only gradients of operations that are not used ask for it',
  },
  {
    names: `${kernels}ReduceIndex as `,
    because: 'the largest and the smallest along a dimension',
  },
  {
    names: 'candle_core::tensor::Tensor as core::fmt::(Debug|Display)>',
    because: 'tensors as text; no message shows one',
  },
  {
    names: 'rustc_demangle::|std::backtrace_rs::|std::backtrace::Backtrace as ',
    because: 'back traces; Rust takes none in WebAssembly',
  },
];

/** Reads the parts of a binary one after the other; LEB128 numbers as the specification defines them. */
class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte() {
    if (this.at >= this.end) throw new Error(`the file ends within something, at byte ${this.at}`);
    return this.bytes[this.at++];
  }

  /** An unsigned number below 2^32. */
  u32() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** Steps over a number of any size and sign. */
  skipNumber() {
    while (this.byte() >= 128);
  }

  skip(count) {
    this.at += count;
  }

  take(count) {
    this.skip(count);
    return this.bytes.subarray(this.at - count, this.at);
  }

  text() {
    return new TextDecoder().decode(this.take(this.u32()));
  }

  /** Steps over a value type, a heap type or a block's type. */
  skipType() {
    const first = this.byte();
    // (ref null ht) and (ref ht) go on with the heap type; a type's number may take several bytes.
    if (first === 0x63 || first === 0x64) this.skipType();
    else if (first >= 128) this.skipNumber();
  }

  skipLimits() {
    const flags = this.byte();
    this.skipNumber();
    if (flags & 1) this.skipNumber();
  }
}

/**
 * Steps over one instruction and reports what it refers to.
 *
 * @param {Reader} reader
 * @param {{ call: (index: number) => void, callIndirect?: (type: number) => void }} on
 *   what to do with the number of a function and with the type of a call through a table
 */
function instruction(reader, on) {
  const memoryOperand = () => {
    // Bit 6 of the alignment announces a memory's number.
    if (reader.u32() & 64) reader.skipNumber();
    reader.skipNumber();
  };
  const unknown = (opcode) => {
    throw new Error(`instruction ${opcode} at byte ${reader.at} is not known here`);
  };
  const opcode = reader.byte();
  if (opcode >= 0x45 && opcode <= 0xc4) return; // comparisons, arithmetic, conversions
  if (opcode >= 0x28 && opcode <= 0x3e) return memoryOperand(); // loads and stores
  if (opcode >= 0x20 && opcode <= 0x26) return reader.skipNumber(); // locals, globals, tables
  switch (opcode) {
    case 0x00: // unreachable
    case 0x01: // nop
    case 0x05: // else
    case 0x0a: // throw_ref
    case 0x0b: // end
    case 0x0f: // return
    case 0x1a: // drop
    case 0x1b: // select
    case 0xd1: // ref.is_null
      return;
    case 0x02: // block
    case 0x03: // loop
    case 0x04: // if
    case 0xd0: // ref.null
      return reader.skipType();
    case 0x08: // throw
    case 0x0c: // br
    case 0x0d: // br_if
    case 0x3f: // memory.size
    case 0x40: // memory.grow
    case 0x41: // i32.const
    case 0x42: // i64.const
      return reader.skipNumber();
    case 0x0e: // br_table
      for (let count = reader.u32() + 1; count > 0; count--) reader.skipNumber();
      return;
    case 0x10: // call
    case 0x12: // return_call
    case 0xd2: // ref.func
      return on.call(reader.u32());
    case 0x11: // call_indirect
    case 0x13: // return_call_indirect
      on.callIndirect(reader.u32());
      return reader.skipNumber();
    case 0x1c: // select of a type
      for (let count = reader.u32(); count > 0; count--) reader.skipType();
      return;
    case 0x43: // f32.const
      return reader.skip(4);
    case 0x44: // f64.const
      return reader.skip(8);
    case 0xfc: {
      const sub = reader.u32();
      if (sub > 17) unknown(`fc ${sub}`);
      if (sub <= 7) return; // saturating conversions
      const two = [8, 10, 12, 14].includes(sub); // init and copy, of memory and of tables
      reader.skipNumber();
      if (two) reader.skipNumber();
      return;
    }
    case 0xfd: {
      const sub = reader.u32();
      if (sub > 0x113) unknown(`fd ${sub}`); // 0x100 and above are the relaxed ones
      if (sub <= 11 || sub === 92 || sub === 93) return memoryOperand();
      if (sub === 12 || sub === 13) return reader.skip(16); // v128.const, shuffle
      if (sub >= 21 && sub <= 34) return reader.skip(1); // one lane
      if (sub >= 84 && sub <= 91) {
        memoryOperand();
        return reader.skip(1);
      }
      return;
    }
    case 0xfe: {
      const sub = reader.u32();
      if (sub > 0x4e) unknown(`fe ${sub}`);
      return sub === 3 ? reader.skip(1) : memoryOperand(); // 3 is atomic.fence
    }
    default:
      unknown(opcode.toString(16));
  }
}

/** The file's sections: number, content, and the bytes that both take. */
function sectionsOf(bytes) {
  const reader = new Reader(bytes, 8);
  const sections = [];
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.u32();
    const content = reader.at;
    reader.skip(size);
    const section = { id, name: '', content, end: reader.at, whole: bytes.subarray(start, reader.at) };
    if (id === 0) {
      const within = new Reader(bytes, content, section.end);
      section.name = within.text();
      section.content = within.at;
    }
    sections.push(section);
  }
  return sections;
}

/** Names by function number, as rustc's demangler writes them but without the crates' hashes. */
function readNames(reader) {
  const names = new Map();
  while (reader.at < reader.end) {
    const kind = reader.byte();
    const size = reader.u32();
    const next = reader.at + size;
    if (kind === 1) {
      for (let count = reader.u32(); count > 0; count--) {
        const index = reader.u32();
        names.set(index, reader.text().replace(/\[[0-9a-f]{8,16}\]/g, ''));
      }
    }
    reader.at = next;
  }
  return names;
}

/** Everything of a module that decides which functions can be called. */
function read(bytes) {
  const module = {
    types: [], // by type number: the type's bytes, as text that can be compared
    functionTypes: [], // by function number, imported ones first
    imported: 0,
    roots: [], // functions that are called from outside
    inTables: [],
    tableLeaves: false, // whether JavaScript sees the functions' table
    bodies: [], // { start, end } of each function that is not imported
    names: new Map(),
  };
  const tables = []; // which tables hold functions
  for (const section of sectionsOf(bytes)) {
    const reader = new Reader(bytes, section.content, section.end);
    const count = section.id === 0 || section.id === 8 ? 0 : reader.u32();
    const each = (visit) => {
      for (let i = 0; i < count; i++) visit();
    };
    const table = () => {
      tables.push(reader.bytes[reader.at] === 0x70);
      reader.skipType();
      reader.skipLimits();
    };
    const constant = () => {
      while (reader.bytes[reader.at] !== 0x0b) {
        instruction(reader, { call: (index) => module.roots.push(index) });
      }
      reader.byte();
    };
    switch (section.id) {
      case 0:
        if (section.name === 'name') module.names = readNames(reader);
        break;
      case 1: // types
        each(() => {
          const start = reader.at;
          if (reader.byte() !== 0x60) throw new Error('a type that is no function type');
          for (let lists = 0; lists < 2; lists++) {
            for (let n = reader.u32(); n > 0; n--) reader.skipType();
          }
          module.types.push(Buffer.from(bytes.subarray(start, reader.at)).toString('hex'));
        });
        break;
      case 2: // imports
        each(() => {
          reader.text();
          reader.text();
          const kind = reader.byte();
          if (kind === 0) module.functionTypes.push(reader.u32());
          else if (kind === 1) table();
          else if (kind === 2) reader.skipLimits();
          else if (kind === 3) {
            reader.skipType();
            reader.byte();
          } else throw new Error(`an import of kind ${kind}`);
        });
        module.imported = module.functionTypes.length;
        break;
      case 3: // functions
        each(() => module.functionTypes.push(reader.u32()));
        break;
      case 4: // tables
        each(table);
        break;
      case 6: // globals
        each(() => {
          reader.skipType();
          reader.byte();
          constant();
        });
        break;
      case 7: // exports
        each(() => {
          reader.text();
          const kind = reader.byte();
          const index = reader.u32();
          if (kind === 0) module.roots.push(index);
          if (kind === 1 && tables[index]) module.tableLeaves = true;
        });
        break;
      case 8: // start
        module.roots.push(reader.u32());
        break;
      case 9: // elements of tables
        each(() => {
          const flags = reader.u32();
          // rustc and wasm-bindgen write lists of function numbers; expressions would need reading.
          if (flags > 3) throw new Error(`an element segment of kind ${flags}`);
          if (flags === 2) reader.skipNumber();
          if (flags % 2 === 0) constant(); // where the segment begins
          if (flags > 0) reader.byte();
          for (let n = reader.u32(); n > 0; n--) module.inTables.push(reader.u32());
        });
        break;
      case 10: // code
        each(() => {
          const size = reader.u32();
          module.bodies.push({ start: reader.at, end: reader.at + size });
          reader.skip(size);
        });
        break;
    }
  }
  return module;
}

/** The functions that can still be called when those in `trapped` call nothing. */
function reachable(bytes, module, trapped) {
  const live = new Set();
  const todo = [];
  const visit = (index) => {
    if (live.has(index)) return;
    live.add(index);
    todo.push(index);
  };
  // A function in a table is called by its type, from anywhere.
  const waiting = new Map();
  for (const index of module.inTables) {
    const type = module.types[module.functionTypes[index]];
    if (!waiting.has(type)) waiting.set(type, []);
    waiting.get(type).push(index);
  }
  const callIndirect = (number) => {
    const type = module.types[number];
    const functions = waiting.get(type) ?? [];
    waiting.delete(type);
    functions.forEach(visit);
  };
  module.roots.forEach(visit);
  if (module.tableLeaves) module.inTables.forEach(visit);
  while (todo.length > 0) {
    const index = todo.pop();
    if (index < module.imported || trapped.has(index)) continue;
    const { start, end } = module.bodies[index - module.imported];
    const reader = new Reader(bytes, start, end);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.skipNumber();
      reader.skipType();
    }
    while (reader.at < end) instruction(reader, { call: visit, callIndirect });
  }
  return live;
}

/** A number as LEB128. */
function leb128(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

const joined = (id, parts) => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([id]), leb128(content.length), content]);
};

/**
 * The module without what can never run.
 *
 * @param {Uint8Array} bytes
 * @param {{ names: string, because: string }[]} patterns
 */
export function slim(bytes, patterns = neverRun) {
  const module = read(bytes);
  if (module.names.size === 0) throw new Error('the file has no names to go by; was it slimmed before?');
  const trapped = new Set();
  const report = patterns.map(({ names, because }) => {
    const pattern = new RegExp(`^<?&?(?:${names})`);
    let functions = 0;
    for (const [index, name] of module.names) {
      if (index < module.imported || !pattern.test(name)) continue;
      trapped.add(index);
      functions++;
    }
    if (functions === 0) {
      throw new Error(`no function's name begins with ${names} (${because}); how is it called now?`);
    }
    return { because, functions };
  });

  const live = reachable(bytes, module, trapped);
  // No locals, unreachable, end.
  const trap = Buffer.from([3, 0, 0x00, 0x0b]);
  const kept = [];
  const code = module.bodies.map(({ start, end }, i) => {
    const index = i + module.imported;
    if (!live.has(index) || trapped.has(index)) return trap;
    kept.push({ name: module.names.get(index) ?? `function ${index}`, size: end - start });
    return Buffer.concat([leb128(end - start), bytes.subarray(start, end)]);
  });
  const parts = [bytes.subarray(0, 8)];
  for (const section of sectionsOf(bytes)) {
    if (section.id === 10) parts.push(joined(10, [leb128(code.length), ...code]));
    else if (section.id !== 0 || section.name === 'target_features') parts.push(section.whole);
  }
  return { bytes: Buffer.concat(parts), report, kept, functions: module.bodies.length };
}

function main(file) {
  const before = readFileSync(file);
  const { bytes, kept, functions } = slim(before);
  // An engine too old for a variant's instructions can judge neither file.
  if (WebAssembly.validate(before) && !WebAssembly.validate(bytes)) {
    throw new Error(`${file} would no longer be valid; it is left as it was`);
  }
  writeFileSync(file, bytes);
  const size = (content) =>
    `${(content.length / 1000).toFixed(0)} kB (${(gzipSync(content, { level: 9 }).length / 1000).toFixed(0)} kB gzip)`;
  console.log(`${file}: ${size(before)} -> ${size(bytes)}; ${kept.length} of ${functions} functions kept`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.length !== 3) {
    console.error('node scripts/slim-wasm.mjs FILE.wasm');
    process.exit(2);
  }
  main(process.argv[2]);
}

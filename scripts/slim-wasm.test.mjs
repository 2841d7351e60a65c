import assert from 'node:assert/strict';
import { test } from 'node:test';

import { neverRun, slim } from './slim-wasm.mjs';

// A module is written out by hand below: sections of counted entries, each number under 2^14.
const number = (value) => (value < 128 ? [value] : [(value % 128) | 128, value >> 7]);
const list = (entries) => [...number(entries.length), ...entries.flat()];
const text = (value) => [...number(value.length), ...Buffer.from(value)];
const section = (id, content) => [id, ...number(content.length), ...content];

const NOTHING = 0; // () -> ()
const NUMBER = 1; // () -> i32
const CALL = 0x10;
const CALL_INDIRECT = 0x11;
const DROP = 0x1a;
const I32 = 0x41;

/** A module of functions { name, type, body }, some exported, some in the table; all may use one memory. */
function build(functions, { exported = [], table = [], shared = false } = {}) {
  const names = functions.map(({ name }, i) => [i, ...text(name)]);
  const body = (code) => [...number(code.length + 2), 0, ...code, 0x0b];
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      list([
        [0x60, 0, 0],
        [0x60, 0, 1, 0x7f],
      ]),
    ),
    ...section(3, list(functions.map(({ type = NOTHING }) => [type]))),
    ...section(4, list([[0x70, 0, table.length]])),
    ...section(5, list([shared ? [3, 1, 1] : [0, 1]])),
    ...section(7, list(exported.map((index) => [...text(functions[index].name), 0, index]))),
    ...section(9, list([[0, I32, 0, 0x0b, ...list(table.map((index) => [index]))]])),
    ...section(10, list(functions.map(({ body: code }) => body(code)))),
    ...section(0, [...text('name'), ...section(1, list(names))]),
  ];
  return Uint8Array.from(bytes);
}

const listed = [{ names: 'kernel::', because: 'a test' }];
const run = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
const keptNames = (bytes, patterns = listed) => slim(bytes, patterns).kept.map(({ name }) => name);

test('what is listed traps, and what only it calls is gone', () => {
  const module = build(
    [
      { name: 'answer', type: NUMBER, body: [CALL, 3] },
      { name: 'other', type: NUMBER, body: [CALL, 2] },
      { name: 'kernel::<f64>', type: NUMBER, body: [CALL, 4] },
      { name: 'shared', type: NUMBER, body: [I32, 42] },
      { name: 'helper', type: NUMBER, body: [CALL, 3] },
    ],
    { exported: [0, 1] },
  );
  const { bytes, report } = slim(module, listed);
  assert.deepEqual(keptNames(module), ['answer', 'other', 'shared']);
  assert.deepEqual(report, [{ because: 'a test', functions: 1 }]);
  assert.equal(run(module).other(), 42);
  assert.equal(run(bytes).answer(), 42);
  assert.throws(() => run(bytes).other(), /unreachable/);
  assert.ok(!Buffer.from(bytes).includes('helper'), 'names are dropped');
});

test("a crate's hash and a leading < do not matter; the beginning of the name does", () => {
  const functions = ['<kernel[0123456789abcdef]::a>', 'uses<kernel::a>'];
  const module = build(
    functions.map((name) => ({ name, body: [] })),
    { exported: [0, 1] },
  );
  assert.deepEqual(keptNames(module), ['uses<kernel::a>']);
});

test('a function in the table stays while something calls its type', () => {
  const module = build(
    [
      { name: 'caller', body: [I32, 0, CALL_INDIRECT, NUMBER, 0, DROP] },
      { name: 'number', type: NUMBER, body: [I32, 1] },
      { name: 'nothing', type: NOTHING, body: [] },
      { name: 'kernel::', body: [] },
    ],
    { exported: [0], table: [1, 2] },
  );
  assert.deepEqual(keptNames(module), ['caller', 'number']);
});

test('calls are found behind SIMD, relaxed SIMD, atomics, bulk memory and nested blocks', () => {
  const vector = (value) => [0xfd, 12, ...Array.from({ length: 16 }, () => value)];
  const relaxed = [...vector(1), ...vector(2), ...vector(3), 0xfd, 0x85, 0x02, DROP]; // multiply-add
  const body = [
    ...[...vector(0x10), ...vector(0x0b), 0xfd, 13, ...Array.from({ length: 16 }, () => 3), DROP],
    ...[...vector(1), 0xfd, 21, 15, DROP], // one lane
    ...[I32, 0, 0xfd, 0, 4, 0x10, DROP], // a load from offset 16
    ...[I32, 0, ...vector(7), 0xfd, 84, 0, 0, 3, DROP], // a load into one lane
    ...[I32, 0, I32, 0, I32, 0, 0xfc, 10, 0, 0], // memory.copy
    ...[I32, 0, I32, 0, 0xfe, 0x1e, 2, 0, DROP], // an atomic addition
    ...[0xfe, 3, 0], // a fence
    ...[0x44, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, DROP], // f64.const
    ...[0x02, 0x40, I32, 0, 0x0e, 1, 0, 0, 0x0b], // br_table in a block
    ...[CALL, 1],
  ];
  const module = (code) =>
    build(
      [
        { name: 'all', body: code },
        { name: 'behind', body: [] },
        { name: 'kernel::', body: [] },
      ],
      { exported: [0], shared: true },
    );
  assert.ok(WebAssembly.validate(module(body)), 'the test writes what is valid');
  assert.deepEqual(keptNames(module([...relaxed, ...body])), ['all', 'behind']);
});

test('a pattern that fits nothing, an unknown instruction and a slimmed file are errors', () => {
  const plain = build([{ name: 'kernel::', body: [] }], { exported: [0] });
  const other = [...listed, { names: 'renamed::', because: 'an update' }];
  assert.throws(() => slim(plain, other), /renamed::.*an update/);
  assert.throws(() => slim(slim(plain, listed).bytes, listed), /no names/);
  const unknown = build(
    [
      { name: 'odd', body: [0xfd, 0xff, 0x7f] },
      { name: 'kernel::', body: [] },
    ],
    { exported: [0] },
  );
  assert.throws(() => slim(unknown, listed), /not known/);
});

test('f32 is never listed by its type, but for products', () => {
  const names = [
    'candle_core::cpu_backend::utils::unary_map::<f32, f32, <candle_core::op::Exp as candle_core::op::UnaryOpT>::f32>',
    'candle_core::cpu_backend::utils::binary_map_vec_par::<f32, <candle_core::op::Add as candle_core::op::BinaryOpT>::f32>',
    '<candle_core::cpu_backend::ReduceSum as candle_core::cpu_backend::utils::Map1>::map',
  ];
  for (const { names: pattern } of neverRun) {
    for (const name of names) assert.doesNotMatch(name, new RegExp(`^<?&?(?:${pattern})`));
  }
});

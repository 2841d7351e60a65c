import { beforeEach, describe, expect, it, vi } from 'vitest';

/** The module as a page in this language has it. */
async function formatIn(language: string): Promise<typeof import('./format')> {
  vi.resetModules();
  vi.stubGlobal('document', { documentElement: { lang: language } });
  try {
    return await import('./format');
  } finally {
    vi.unstubAllGlobals();
  }
}

describe.each([
  ['en', (text: string) => text],
  ['de', (english: string) => english.replace(/[.,]/g, (mark) => (mark === '.' ? ',' : '\u202f'))],
] as const)('numbers in %s', (language, inLanguage) => {
  let format: typeof import('./format');
  beforeEach(async () => {
    format = await formatIn(language);
  });

  it.each([
    [-104.26, '−104.3'],
    [0.04, '0.0'],
    [-0.04, '0.0'],
    [999_999.4, '999999.4'],
    [-7.940271205980359e32, '−7.9·10³²'],
    [1.5e6, '1.5·10⁶'],
    [NaN, '–'],
    [-Infinity, '–'],
  ])('%s nats are shown as %s', (value, text) => {
    expect(format.nats(value)).toBe(inLanguage(text));
  });

  it('keep the decimals that are asked for', () => {
    expect(format.signed(-1.005, 2)).toBe(inLanguage('−1.00'));
    expect(format.signed(3, 0)).toBe('3');
  });

  it.each([
    [0.00421, '0.0042'],
    [-3.7, '−3.7'],
    [1234, '1200'],
    [4.2e-8, '4.2·10⁻⁸'],
    [0, '0.0'],
    [NaN, '–'],
  ])('%s has two digits that count: %s', (value, text) => {
    expect(format.significant(value, 2)).toBe(inLanguage(text));
  });

  it('have their thousands apart', () => {
    expect(format.counted(2_796)).toBe(inLanguage('2,796'));
    expect(format.grouped(-1_234_567)).toBe(inLanguage('−1.2·10⁶'));
    expect(format.grouped(-12_796.52, 1)).toBe(inLanguage('−12,796.5'));
    expect(format.grouped(999.96, 1)).toBe(inLanguage('1,000.0'));
  });

  it('are written with the digits that were chosen', () => {
    expect(format.exactly(-0.0001)).toBe(inLanguage('−0.0001'));
    expect(format.chosen(1.5e-7)).toBe(inLanguage('1.5e-7'));
    expect(format.chosen('0.5')).toBe('0.5');
    expect(format.chosen([256, 64])).toBe('256, 64');
  });

  it('are read as they were written, and with the other decimal mark', () => {
    for (const value of [-2.5, 0.001, 1.5e-7, 12]) expect(format.typed(format.exactly(value))).toBe(value);
    expect([' 0,5 ', '0.5', '-3', '', 'much'].map(format.typed)).toEqual([0.5, 0.5, -3, NaN, NaN]);
  });

  it('are told apart in a list', () => {
    expect(format.listed(Float32Array.of(1.25, -0.5), 2)).toBe(
      language === 'en' ? '1.25, −0.50' : '1,25; −0,50',
    );
    expect(format.placed(['z1', 'z2'], [1.25, -0.5], 1)).toBe(
      language === 'en' ? 'z1 1.3, z2 −0.5' : 'z1 1,3; z2 −0,5',
    );
  });

  it('have units', () => {
    expect(format.megabytes(2_468_000)).toBe(inLanguage('2.5 MB'));
    expect(format.megabytes(81_234)).toBe('81 kB');
  });
});

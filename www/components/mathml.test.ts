import { describe, expect, it } from 'vitest';

import { mathRow } from './mathml';

describe('mathRow', () => {
  it('sets letters, words, numbers and signs', () => {
    expect(mathRow('2x = log a')).toBe(
      '<mn>2</mn><mi>x</mi><mo>=</mo><mi>log</mi><mspace width="0.17em"></mspace><mi>a</mi>',
    );
  });

  it('takes a decimal comma as a part of its number, and no other comma', () => {
    expect(mathRow('0,5 · 1.5')).toBe('<mn>0,5</mn><mo>·</mo><mn>1.5</mn>');
    expect(mathRow('1, 2')).toBe('<mn>1</mn><mo>,</mo><mn>2</mn>');
  });

  it('sets indices, powers, fractions, roots and hats', () => {
    expect(mathRow('E_q')).toBe('<msub><mi>E</mi><mi>q</mi></msub>');
    expect(mathRow('e^{−x}')).toBe('<msup><mi>e</mi><mrow><mo>−</mo><mi>x</mi></mrow></msup>');
    expect(mathRow('w_i^2')).toBe('<msubsup><mi>w</mi><mi>i</mi><mn>2</mn></msubsup>');
    expect(mathRow('\\frac{1}{n}')).toBe('<mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac>');
    expect(mathRow('\\hat x')).toContain('<mover accent="true"><mi>x</mi>');
    expect(mathRow('\\int p')).toBe('<mo>∫</mo><mi>p</mi>');
  });

  it('lets no markup through', () => {
    expect(mathRow('a < b & c')).toBe('<mi>a</mi><mo>&lt;</mo><mi>b</mi><mo>&amp;</mo><mi>c</mi>');
  });

  it('ends where a bracket is missing', () => {
    expect(mathRow('x_{a')).toBe('<msub><mi>x</mi><mrow><mi>a</mi></mrow></msub>');
  });
});

/**
 * Short formulas as MathML, which browsers typeset by themselves: `log p(x)`, `E_{q}`, `x^2`, `\hat x`, `\frac{a}{b}`,
 * `\sqrt{a}`, `\int`, `\sum`, and the signs as they are: `‖ ∝ ≈ · ×`. Single letters are italic, words upright.
 */

const ESCAPES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };
const escaped = (text: string): string => text.replace(/[<>&]/g, (sign) => ESCAPES[sign] ?? sign);

const SIGNS: Readonly<Record<string, string>> = { int: '∫', sum: '∑', prod: '∏' };

/** A formula's inside, without the `<math>` round it. */
export function mathRow(source: string): string {
  let at = 0;

  function group(): string {
    if (source[at] !== '{') return atom();
    at += 1;
    const inside = row('}');
    at += 1;
    return `<mrow>${inside}</mrow>`;
  }

  function command(): string {
    const name = /^[a-z]+/.exec(source.slice(at))?.[0] ?? '';
    at += name.length;
    if (name === 'frac') return `<mfrac>${group()}${group()}</mfrac>`;
    if (name === 'sqrt') return `<msqrt>${group()}</msqrt>`;
    if (name === 'hat') return `<mover accent="true">${group()}<mo stretchy="false">ˆ</mo></mover>`;
    return `<mo>${SIGNS[name] ?? escaped(name)}</mo>`;
  }

  function atom(): string {
    while (source[at] === ' ') at += 1;
    const rest = source.slice(at);
    const word = /^\p{L}+/u.exec(rest)?.[0];
    if (word) {
      at += word.length;
      return `<mi>${word}</mi>`;
    }
    // With the decimals of any language.
    const number = /^\d+(?:[.,]\d+)?/.exec(rest)?.[0];
    if (number) {
      at += number.length;
      return `<mn>${number}</mn>`;
    }
    const sign = Array.from(rest)[0] ?? '';
    at += sign.length;
    if (sign === '\\') return command();
    const isBracket = '()[]|‖'.includes(sign);
    return `<mo${isBracket ? ' stretchy="false"' : ''}>${escaped(sign)}</mo>`;
  }

  function row(end: string | undefined): string {
    let out = '';
    while (at < source.length && source[at] !== end) {
      if (source[at] === ' ') {
        at += 1;
        continue;
      }
      let base = group();
      const [sub, sup] = [source[at] === '_', source[at] === '^'];
      if (sub) {
        at += 1;
        const below = group();
        if (source[at] === '^') {
          at += 1;
          base = `<msubsup>${base}${below}${group()}</msubsup>`;
        } else base = `<msub>${base}${below}</msub>`;
      } else if (sup) {
        at += 1;
        base = `<msup>${base}${group()}</msup>`;
      }
      // A name of a function stands a little away from what it is of.
      if (base === '<mi>log</mi>') base += '<mspace width="0.17em"></mspace>';
      out += base;
    }
    return out;
  }

  return row(undefined);
}

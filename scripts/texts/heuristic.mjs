// Which strings of the sources are texts of people, and which are names, keys, styles and drawings.

/** Properties, attributes, variables and the like that hold texts even where they are one small word. */
const TEXT_NAMES = new Set(
  (
    'aria-label aria-valuetext aria-description aria-roledescription title alt placeholder label labels name names ' +
    'text texts lead task ask reveal help caption hint description note tip reason problem message ' +
    'arrow xLabel yLabel unit units one many singular plural heading summary explanation verdict says words word what summed'
  ).split(' '),
);

/** Names of what is never a text. */
const OTHER_NAMES = new Set(
  (
    'class style id for href src srcset d viewBox transform points fill stroke type role rel target model models key ' +
    'kind file files method mode font className lab touch answer from href font-family fontFamily color colour ' +
    'cssText textContent innerHTML accept autocomplete inputmode marker-end marker-start aria-describedby ' +
    'aria-labelledby aria-controls aria-live aria-haspopup aria-current aria-hidden translate program source'
  ).split(' '),
);

/** Calls whose strings are no texts. */
const OTHER_CALLS =
  /^(console\..*|.*\.(?:toLocaleString|request|resolvedOptions|glob|querySelector(?:All)?|closest|matches|addEventListener|removeEventListener|getPropertyValue|setProperty|getContext|setAttribute|getItem|setItem|removeItem|createElement|createElementNS|get|has|startsWith|endsWith|includes|indexOf|split|searchParams\.\w+|postMessage|colour|toBlob|test|exec|match|matchAll|replace|replaceAll|dispatchEvent|define|hasAttribute|getAttribute|mark|measure|padStart|padEnd)|fetch|matchMedia|createContext|getContext|setContext|new (?:URL|RegExp|Worker|Event|CustomEvent|KeyboardEvent|Blob|File|Intl|Float32Array|DOMException|IntersectionObserver)|Symbol|\$inspect.*)$/;

/** Files without a text of a person, or whose strings are data. */
const OTHER_FILES =
  /^www\/(?:engine\/(?:worker|builds|protocol|viewerModule|messages|table)\.ts|components\/(?:mathml|Icon)|page\/(?:paintFirst|firstPicture|makeFirstPicture|smallTiles|translation)\.ts|state\/(?:packed)\.ts|types\.d\.ts)/;

/** A word beside something else. */
const PHRASE = /\p{L}{2,}[,.:;!?…”’)%]* +[“‘(#\p{L}\d]|[#\d\p{L})%][,:;]? +[“‘(]?\p{L}{2,}/u;

const WORD = /\p{L}{2,}/u;

/** Styles, selectors, addresses, file names. */
const CODE =
  /^(?:#[\w-]+(?:#|$)|\.{0,2}\/|(?:translate|scale|rotate|matrix|url|rgba?|hsla?|min|max|calc|var|clamp|color-mix|repeating-linear-gradient|rect|circle)\(|--|data:|\(prefers|https?:|[\w#-]+\/[\w*#-]+$|\w*\[[\w-]+(?:=|\])|input, )|^[\w#. -]+px\b|^(?:italic |bold |\d+ )*[\d.#]*(?:px|rem|em)(?: |$)|^[\w#-]+\.[a-z]{2,11}$|\w-idx\d|^[a-z]+[A-Z]\w*$|^\w+:[#\d.]+(?:%|px)/;

/** The name of a property, or of what is assigned to. */
export function keyOf(node) {
  if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') return node.name;
  if (node.type === 'Literal') return String(node.value);
  if (node.type === 'MemberExpression') return keyOf(node.property);
  return undefined;
}

/** @returns {'message' | false} */
export function isText(message) {
  const { details } = message;
  const text = message.msgStr.join('\n');
  if (OTHER_FILES.test(details.file)) return false;
  if (!/\p{L}|“/u.test(text)) return false;
  if (['script', 'style', 'code', 'pre'].includes(details.element)) return false;
  if (/^,? (?:and|or) $|^an? [#\d]|^“#”$/.test(text)) return 'message';
  if (details.scope === 'markup') return WORD.test(text.replaceAll('#', ' ')) ? 'message' : false;
  if (details.compared) return false;
  const { property, attributeOf } = details;
  const isToken = !/[\s#]/.test(text);
  if (property && OTHER_NAMES.has(property) && (isToken || attributeOf !== undefined)) return false;
  if (property && /^(?:data-|style:|on)/.test(property) && attributeOf !== undefined) return false;
  if (details.call && OTHER_CALLS.test(details.call)) return false;
  if (/^(?:KEY|MODEL|ID|NUMBERS|NAME)$/.test(property ?? '')) return false;
  // The units are the ids of units too.
  if (text === 'nats' || text === 'bits') return false;
  if (property === 'name' && details.file.endsWith('/troubles.ts')) return false;
  if (!details.inMarkup && /^(?:solid|dashed|none|auto|inherit)$/.test(text)) return false;
  if (CODE.test(text) || !WORD.test(text)) return false;
  if (
    property === 'name' &&
    (/^[a-z]|^Icon$/.test(attributeOf ?? '') || (isToken && /^[A-Z]\w+[A-Z]/.test(text)))
  )
    return false;
  // A word in a formula, beside its letters.
  if (property === 'math' && /^\p{Ll}{3,}$/u.test(text)) return 'message';
  if (property && TEXT_NAMES.has(property)) return 'message';
  if (/(?:^|_)(?:NAMES|LABELS|WORDS)$/.test(details.holder ?? '')) return 'message';
  // An attribute of an element is named above or it is none.
  if (attributeOf !== undefined && /^[a-z]/.test(attributeOf)) return false;
  if (details.inText || details.inMarkup) return 'message';
  if (isToken) return /^\p{Lu}\p{Ll}+[.!?…]?$/u.test(text) ? 'message' : false;
  return PHRASE.test(text) ? 'message' : false;
}

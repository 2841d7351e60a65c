// Finds the texts of people in a module, and makes the module that asks for them by number. What reads the sources is
// wuchale's; which of their strings are texts is decided in heuristic.mjs.
import { Transformer } from 'wuchale/adapter-vanilla';

import { otherGroup } from './groups.mjs';
import { isText, keyOf } from './heuristic.mjs';

const { SvelteTransformer } = await import(
  new URL('./transformer.js', import.meta.resolve('@wuchale/svelte')).href
);

/** Numbers for the texts of one file, in the order in which they are met. */
class Numbers {
  #numbers = new Map();
  get = (source) => {
    const text = source.replace(/\s*\n\s*/g, ' ');
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  };
  texts = () => [...this.#numbers.keys()];
}

/** The runtime is one constant of the module, never one of each function. */
const runtime = {
  initReactive: () => null,
  useReactive: false,
  plain: { wrapInit: (code) => code, wrapUse: (code) => code },
  reactive: { wrapInit: (code) => code, wrapUse: (code) => code },
};

/** What wuchale passes by: what is thrown, what a class begins with, and where a string stands. */
function lookFurther(reader) {
  const details = reader.heuristciDetails;
  /** Visits with more known about the place. */
  const within = (place, visit) => {
    const before = Object.keys(place).map((key) => [key, details[key]]);
    Object.assign(details, place);
    const found = visit();
    for (const [key, value] of before) details[key] = value;
    return found;
  };

  reader.visitTSNonNullExpression = (node) => reader.visit(node.expression);
  // What is fetched may need texts of another group first.
  reader.others = new Set();
  reader.visitImportExpression = (node) => {
    const group = node.source.type === 'Literal' ? otherGroup(details.file, node.source.value) : undefined;
    if (group) {
      reader.others.add(group);
      reader.mstr.appendLeft(node.start, `_w_${group}_().then(() => `);
      reader.mstr.appendRight(node.end, ')');
    }
    return [];
  };
  reader.visitThrowStatement = (node) => reader.visit(node.argument);
  reader.visitCatchClause = (node) => reader.visit(node.body);
  reader.visitPropertyDefinition = (node) =>
    node.value ? within({ property: keyOf(node.key) }, () => reader.visit(node.value)) : [];
  const visitClass = reader.visitClassDeclaration;
  reader.visitClassDeclaration = (node) => [
    ...visitClass(node.id ? node : { ...node, id: { name: '' } }),
    ...node.body.body.filter(({ type }) => type === 'PropertyDefinition').flatMap(reader.visit),
  ];
  reader.visitClassExpression = reader.visitClassDeclaration;
  reader.visitExportDefaultDeclaration = (node) => reader.visit(node.declaration);

  reader.visitProperty = (node) => [
    ...(node.computed ? reader.visit(node.key) : []),
    ...within({ property: keyOf(node.key) }, () => reader.visit(node.value)),
  ];
  // What is compared is no text, nor is what is looked up.
  const visitBinary = reader.visitBinaryExpression;
  reader.visitBinaryExpression = (node) =>
    node.operator === '+' ? visitBinary(node) : within({ compared: true }, () => visitBinary(node));
  const visitMember = reader.visitMemberExpression;
  reader.visitMemberExpression = (node) =>
    node.computed
      ? [...reader.visit(node.object), ...within({ compared: true }, () => reader.visit(node.property))]
      : visitMember(node);
  reader.visitSwitchCase = (node) => [
    ...(node.test ? within({ compared: true }, () => reader.visit(node.test)) : []),
    ...node.consequent.flatMap(reader.visit),
  ];
  const visitConditional = reader.visitConditionalExpression;
  reader.visitConditionalExpression = (node) => [
    ...within({ compared: true, property: undefined }, () => reader.visit(node.test)),
    ...visitConditional({ ...node, test: { type: 'EmptyStatement' } }),
  ];
  const visitIf = reader.visitIfStatement;
  reader.visitIfStatement = (node) => [
    ...within({ compared: true }, () => reader.visit(node.test)),
    ...visitIf({ ...node, test: { type: 'EmptyStatement' } }),
  ];

  const visitVariable = reader.defaultVisitVariableDeclarator;
  // No text changes while the page is open: nothing is derived from it.
  reader.visitVariableDeclarator = (node) => {
    const name = node.id.type === 'Identifier' ? node.id.name : undefined;
    return within({ property: name, ...(name ? { holder: name } : {}) }, () => visitVariable(node));
  };
  const visitAssignment = reader.visitAssignmentExpression;
  reader.visitAssignmentExpression = (node) =>
    within({ property: keyOf(node.left) }, () => visitAssignment(node));
  const visitCall = reader.visitCallExpression;
  reader.visitCallExpression = (node) =>
    within({ property: undefined, compared: undefined, inText: undefined, inMarkup: undefined }, () =>
      visitCall(node),
    );
  const visitNew = reader.visitNewExpression;
  reader.visitNewExpression = (node) =>
    within({ property: undefined, call: `new ${node.callee.name}` }, () => visitNew(node));
  const visitBody = reader.visitFunctionBody;
  reader.visitFunctionBody = (node, name, end) =>
    within(
      {
        compared: undefined,
        inText: undefined,
        call: undefined,
        attributeOf: undefined,
        inMarkup: undefined,
        ...(name ? { property: undefined } : {}),
      },
      () => visitBody(node, name, end),
    );
  // By the whole string: blanks at its ends are part of it.
  reader.literalRepl = ({ msgStr }) => `${reader.vars().rtTrans}(${reader.index.get(msgStr[0])})`;
  reader.visitTemplateLiteralQuasis = (node, type) =>
    within({ inText: true, property: undefined }, () => {
      const found = [];
      const placeholders = [];
      let text = node.quasis[0].value.cooked ?? '';
      for (const [at, expression] of node.expressions.entries()) {
        found.push(...reader.visit(expression));
        const { start, end, value } = node.quasis[at + 1];
        text += `{${at}}${value.cooked}`;
        placeholders.push([at, reader.content.slice(expression.start, expression.end)]);
        reader.mstr.remove(start - 1, end);
        if (at + 1 < node.expressions.length) reader.mstr.update(end, end + 2, ', ');
      }
      const own = {
        msgStr: [text],
        plural: false,
        placeholders,
        type,
        details: reader.fullHeuristicDetails({ scope: 'script' }),
      };
      return [reader.index.get(text), [...found, own]];
    });
}

class ScriptReader extends Transformer {
  constructor(...given) {
    super(...given);
    lookFurther(this);
  }

  finalize = (msgs) => ({
    msgs,
    output: (header) => {
      this.mstr.prepend(`${header}\n`);
      return { code: this.mstr.toString(), map: this.mstr.generateMap({ hires: true }) };
    },
  });
}

class ComponentReader extends SvelteTransformer {
  #module;

  constructor(...given) {
    super(...given);
    lookFurther(this);
    const details = this.heuristciDetails;
    const visitAttribute = this.visitAttribute;
    this.visitAttribute = (node) => {
      const before = { ...details };
      Object.assign(details, { property: node.name, attributeOf: this.currentElement, compared: undefined });
      const found = visitAttribute(node);
      details.property = before.property;
      details.attributeOf = before.attributeOf;
      details.compared = before.compared;
      return found;
    };
    const visitExpressionTag = this.visitExpressionTag;
    this.visitExpressionTag = (node) => {
      const { inMarkup } = details;
      details.inMarkup = details.attributeOf === undefined;
      const found = visitExpressionTag(node);
      details.inMarkup = inMarkup;
      return found;
    };
    const visitIf = this.visitIfBlock;
    this.visitIfBlock = (node) => {
      const { compared, attributeOf } = details;
      details.compared = true;
      const found = this.visit(node.test);
      details.compared = compared;
      details.attributeOf = undefined;
      found.push(...visitIf({ ...node, test: { type: 'EmptyStatement' } }));
      details.attributeOf = attributeOf;
      return found;
    };
    // A text and its values are one string, as before; only elements in it need more.
    this.visitFragment = (node) =>
      this.mixedVisitor.visit({
        children: node.nodes,
        commentDirectives: this.commentDirectives,
        inCompoundText: this.inCompoundText,
        scope: 'markup',
        element: this.currentElement,
        useComponent: false,
      });
    const visitRoot = this.visitRoot;
    this.visitRoot = (node) => {
      this.#module = node.module;
      return visitRoot(node);
    };
    this.mixedVisitor = this.initMixedVisitor();
  }

  finalize = (msgs, _, additionalHeader = '') => ({
    msgs,
    output: (header) => {
      const code = this.mstr.toString();
      const lines =
        header +
        (code.includes('<W_tx_') ? additionalHeader : '') +
        (code.includes('_w_runtime_mod_') ? '\nconst _w_runtime_mod_ = _w_runtime_;' : '') +
        '\n';
      if (this.#module) this.mstr.appendRight(this.#module.content.start, `\n${lines}`);
      else this.mstr.prepend(`<script lang="ts" module>\n${lines}</script>\n`);
      return { code: this.mstr.toString(), map: this.mstr.generateMap({ hires: true }) };
    },
  });
}

/**
 * @param {string} code
 * @param {string} file below the project's root
 * @returns {Promise<{ texts: string[], messages: object[], others: string[], output: (header: string) => object }>}
 *   `others` are the groups of texts that what it fetches needs
 */
export async function read(code, file, heuristic = isText) {
  const numbers = new Numbers();
  const expression = { plain: '', reactive: '' };
  const given = [code, file, numbers, heuristic, [], expression, runtime, () => null];
  const component = file.endsWith('.svelte');
  const reader = component ? new ComponentReader(...given) : new ScriptReader(...given);
  const { msgs, output } = await (component ? reader.transformSv() : reader.transform());
  return { texts: numbers.texts(), messages: msgs, others: [...reader.others], output };
}

/** A node of an expression as the server stores it. */
export interface ExpressionNode {
  readonly type: string;
  readonly fields: ReadonlyMap<string, readonly (ExpressionNode | string)[]>;
}

interface OpenNode {
  readonly type: string;
  readonly fields: Map<string, (ExpressionNode | string)[]>;
  /** The field that is being read. */
  field: string;
}

/** Words end at white space and brackets; a backslash takes the next character along. */
const word = /[{}()]|(?:[^\s{}()\\]|\\[\s\S])+/g;

/** Reads the text of a `pg_node_tree`; returns the nodes that stand in no other. Lists are flattened. */
export function storedNodes(tree: string): readonly ExpressionNode[] {
  const outer: ExpressionNode[] = [];
  const open: OpenNode[] = [];
  let begins = false;
  const add = (value: ExpressionNode | string): void => {
    const holder = open.at(-1);
    if (holder === undefined) {
      if (typeof value !== 'string') outer.push(value);
      return;
    }
    const values = holder.fields.get(holder.field);
    if (values === undefined) holder.fields.set(holder.field, [value]);
    else values.push(value);
  };
  for (const [text] of tree.matchAll(word)) {
    if (begins) {
      const node: OpenNode = { type: text, fields: new Map(), field: '' };
      add(node);
      open.push(node);
      begins = false;
    } else if (text === '{') begins = true;
    else if (text === '}') open.pop();
    else if (text.startsWith(':')) {
      const holder = open.at(-1);
      if (holder !== undefined) holder.field = text.slice(1);
    } else if (text !== '(' && text !== ')') add(text);
  }
  return outer;
}

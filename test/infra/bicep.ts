/**
 * Reads infra/ as Bicep's grammar sees it (tree-sitter-bicep). Syntax, and what can be told from the tree: names, types,
 * values. Whether a property exists, and whether the compiler's types fit, is for `bicep build`, where it is installed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';

export const root = path.resolve(import.meta.dirname, '../..');
const infra = path.join(root, 'infra');

await Parser.init();
const language = await Language.load(
  createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'),
);

export function parseBicep(text: string): Node {
  const parser = new Parser();
  parser.setLanguage(language);
  const tree = parser.parse(text);
  if (!tree) throw new Error('the grammar gave no tree');
  return tree.rootNode;
}

export interface BicepFile {
  readonly name: string;
  readonly text: string;
  readonly tree: Node;
}

export const bicepFiles: readonly BicepFile[] = readdirSync(infra, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.bicep'))
  .map((name) => name.replaceAll(path.sep, '/'))
  .toSorted()
  .map((name) => {
    const text = readFileSync(path.join(infra, name), 'utf8');
    return { name, text, tree: parseBicep(text) };
  });

export const fileNamed = (name: string): BicepFile => {
  const found = bicepFiles.find((file) => file.name === name);
  if (!found) throw new Error(`infra/ has no ${name}`);
  return found;
};

/** Where the grammar does not fit, as line:column. */
export function syntaxErrors(node: Node): string[] {
  if (node.isError || node.isMissing)
    return [`${node.startPosition.row + 1}:${node.startPosition.column} ${node.text.slice(0, 60)}`];
  return node.children.flatMap((child) => (child ? syntaxErrors(child) : []));
}

export const every = (node: Node, type: string): Node[] =>
  node.descendantsOfType(type).filter((found) => found !== null);

/** Declarations of one kind (`param`, `var`, `output`) with their names. */
export const declared = ({ text }: BicepFile, kind: 'param' | 'var' | 'output'): string[] =>
  [...text.matchAll(new RegExp(`^${kind} (\\w+)`, 'gm'))].map(([, name = '']) => name);

/** The text of `var <name> = […]` or `{…}`, for reading lists of strings. */
export function valueOf({ tree, name: file }: BicepFile, name: string): Node {
  const declaration = every(tree, 'variable_declaration').find((one) =>
    one.children.some((child) => child?.type === 'identifier' && child.text === name),
  );
  const value = declaration?.children.at(-1);
  if (!value) throw new Error(`${file} has no variable ${name}`);
  return value;
}

/** The keys of an object literal, not of those inside it. */
export const keysOf = (object: Node): string[] =>
  object.children.flatMap((child) =>
    child?.type === 'object_property' ? [child.children[0]?.text ?? ''] : [],
  );

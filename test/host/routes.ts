/**
 * ASP.NET route templates as HTTP triggers use them: `{id}`, `{id:int}`, `{x?}`, `{x=1}`, `{*rest}`, literals and
 * mixtures. Matching ignores case; literals beat constrained parameters beat parameters beat catch-alls; the method is
 * a constraint, so that a wrong one is no match at all.
 */
import { compileConstraint } from './routeConstraints.ts';

interface Parameter {
  name: string;
  optional: boolean;
  catchAll: boolean;
  fallback: string | undefined;
  constraints: ((value: string) => boolean)[];
}
interface Segment {
  pattern: RegExp;
  parameters: Parameter[];
  /** 1 literal, 2 mixture or constrained parameter, 3 parameter, 4 constrained catch-all, 5 catch-all. */
  rank: number;
}
export interface Route<T> {
  target: T;
  methods: string[];
  segments: Segment[];
}

export function compileRoute<T>(template: string, methods: string[], target: T): Route<T> {
  const segments = splitPath(template).map((segment) => compileSegment(segment, template));
  const misplaced = segments.slice(0, -1).some(({ parameters }) => parameters.some((p) => p.catchAll));
  if (misplaced) throw new Error(`Route "${template}": a catch-all parameter can only be the last segment.`);
  return { target, methods, segments };
}

/** The best match of path and method, with the decoded parameters. */
export function matchRoute<T>(
  routes: Route<T>[],
  method: string,
  path: string,
): { target: T; parameters: Record<string, string> } | undefined {
  const parts = splitPath(path);
  for (const route of routes.toSorted(byPrecedence)) {
    if (!route.methods.includes(method) && route.methods.length > 0) continue;
    const parameters = matchSegments(route.segments, parts);
    if (parameters !== undefined) return { target: route.target, parameters };
  }
  return undefined;
}

function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function byPrecedence(a: Route<unknown>, b: Route<unknown>): number {
  for (const [index, segment] of a.segments.entries()) {
    const difference = segment.rank - (b.segments[index]?.rank ?? 0);
    if (difference !== 0) return difference;
  }
  return a.segments.length - b.segments.length;
}

function compileSegment(text: string, template: string): Segment {
  const parameters: Parameter[] = [];
  let pattern = '';
  // Splits into literals and {…}; a constraint such as regex(^\\d{{2}}$) doubles its own braces.
  for (const part of text.split(/(\{(?:[^{}]|\{\{|\}\})*\})/)) {
    if (!part.startsWith('{')) {
      pattern += part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      continue;
    }
    const parameter = parseParameter(part.slice(1, -1), template);
    parameters.push(parameter);
    pattern += parameter.catchAll ? '(.*)' : '(.+?)';
  }
  const constrained = parameters.some(({ constraints }) => constraints.length > 0);
  const catchAll = parameters.some((parameter) => parameter.catchAll);
  const alone = text.startsWith('{') && parameters.length === 1 && text.endsWith('}');
  const open = catchAll ? 5 : 3;
  const rank = parameters.length === 0 ? 1 : constrained || !alone ? open - 1 : open;
  return { pattern: new RegExp(`^${pattern}$`, 'is'), parameters, rank };
}

function parseParameter(text: string, template: string): Parameter {
  const match =
    /^(\*{0,2})([A-Za-z_][\w-]*)((?::(?:[^:=()?]|\([^()]*(?:\([^()]*\)[^()]*)*\))+)*)(\?|=.*)?$/.exec(text);
  if (match === null) throw new Error(`Route "${template}": "{${text}}" is no route parameter.`);
  const [, stars = '', name = '', constraints = '', end] = match;
  return {
    name,
    catchAll: stars !== '',
    optional: end === '?',
    fallback: end?.startsWith('=') === true ? end.slice(1) : undefined,
    constraints: Array.from(constraints.matchAll(/:((?:[^:(]|\(.*?\)(?=:|$))+)/g), ([, constraint = '']) =>
      compileConstraint(constraint, template),
    ),
  };
}

function matchSegments(segments: Segment[], parts: string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, { pattern, parameters }] of segments.entries()) {
    const [first] = parameters;
    const rest = first?.catchAll === true ? parts.slice(index).join('/') : parts[index];
    if (rest === undefined || (rest === '' && first?.catchAll === true)) {
      if (first === undefined || parameters.length > 1) return undefined;
      if (first.fallback !== undefined) values[first.name] = first.fallback;
      else if (!first.optional && !first.catchAll) return undefined;
      continue;
    }
    const match = pattern.exec(decode(rest));
    if (match === null) return undefined;
    for (const [position, parameter] of parameters.entries()) {
      const value = match[position + 1] ?? '';
      if (!parameter.constraints.every((holds) => holds(value))) return undefined;
      values[parameter.name] = value;
    }
  }
  const endsOpen = segments.at(-1)?.parameters[0]?.catchAll === true;
  return parts.length > segments.length && !endsOpen ? undefined : values;
}

/** ASP.NET decodes everything but an encoded slash. */
function decode(part: string): string {
  try {
    return part.split(/%2f/i).map(decodeURIComponent).join('%2F');
  } catch {
    return part;
  }
}

/**
 * The routing table: finds the operation for a method and path. Segments compare without case; a trailing
 * slash stands for "no version given" behind a name, and for an empty name right behind a collection.
 */
import type { Operation } from './call.ts';

export interface Match {
  operation: Operation;
  params: Record<string, string>;
}

interface Route {
  operation: Operation;
  segments: string[];
}

export class Router {
  private readonly routes: Route[];

  constructor(operations: Operation[]) {
    const parameters = (route: Route): number => route.segments.filter(isParameter).length;
    this.routes = operations
      .map((operation) => ({ operation, segments: operation.path.split('/') }))
      .sort((a, b) => parameters(a) - parameters(b));
  }

  find(method: string, pathname: string): Match | undefined {
    const given = pathname.slice(1).split('/');
    if (given.length >= 3 && given.at(-1) === '') given.pop();
    for (const { operation, segments } of this.routes) {
      if (operation.method !== method || segments.length !== given.length) continue;
      const params = match(segments, given);
      if (params !== undefined) return { operation, params };
    }
    return undefined;
  }
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

function match(segments: string[], given: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const text = given[index] ?? '';
    if (isParameter(segment)) {
      if (text === '') return undefined;
      params[segment.slice(1, -1)] = safeDecode(text);
    } else if (text.toLowerCase() !== segment.toLowerCase()) {
      return undefined;
    }
  }
  return params;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

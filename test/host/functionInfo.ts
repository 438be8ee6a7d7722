/** Functions as the host tells of them: to its user (`LocalHost.functions`) and in the admin API. */
import type { AppFunction } from './functionCatalog.ts';

export interface FunctionInfo {
  name: string;
  type: 'http' | 'queue' | 'timer';
  route?: string;
  /** Of an HTTP function, with its route template. */
  url?: string;
  methods?: string[];
  authLevel?: string;
  queueName?: string;
  schedule?: string;
}

export function functionInfo(fn: AppFunction, baseUrl: string, routePrefix: string): FunctionInfo {
  const { name } = fn;
  switch (fn.type) {
    case 'http':
      return {
        name,
        type: fn.type,
        route: fn.route,
        url: `${baseUrl}/${pathOf(fn.route, routePrefix)}`,
        methods: fn.methods,
        authLevel: fn.authLevel,
      };
    case 'queue':
      return { name, type: fn.type, queueName: fn.queueName };
    case 'timer':
      return { name, type: fn.type, schedule: fn.schedule };
  }
}

export function pathOf(route: string, routePrefix: string): string {
  return [routePrefix, route]
    .map((part) => part.replaceAll(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/');
}

export function describeFunction(fn: AppFunction, baseUrl: string, routePrefix: string) {
  const info = functionInfo(fn, baseUrl, routePrefix);
  return {
    name: fn.name,
    config: info,
    is_disabled: fn.disabled,
    href: `${baseUrl}/admin/functions/${fn.name}`,
    invoke_url_template: info.url ?? null,
    language: 'node',
  };
}

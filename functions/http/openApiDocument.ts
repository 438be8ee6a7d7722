/**
 * The OpenAPI 3.1 document of the HTTP interface, from what the routes say of themselves and the zod schemas that the
 * code itself uses. Objects stay open: readers ignore fields they do not know, so fields may be added.
 */
import { z } from 'zod';
import { problemShape } from '../../shared/domain/answers.ts';
import { type Operation, pathParameters } from './operations.ts';

type Json = Record<string, unknown>;

export function openApiDocument(operations: ReadonlyMap<string, Operation>, version: string) {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const [name, operation] of operations) {
    const path = `/${operation.route}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(name, operation, schemas) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'keyvault-backup',
      version,
      description:
        'Backups and restores of Azure Key Vault objects. The backup app, the restore app and the portable app each have the operations of their tag. Every answer that is not a 2xx is a problem document whose hint says what to do next, but for what the platform answers before the app is asked.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    tags: [
      { name: 'backup app', description: 'APP_ROLE backup or all' },
      { name: 'restore app', description: 'APP_ROLE restore or all' },
      { name: 'portable app', description: 'APP_ROLE portable or all' },
    ],
    paths,
    components: {
      securitySchemes: {
        entra: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'API_AUTH=entra: a token for the app, with one of the app roles.',
        },
        functionKey: {
          type: 'apiKey',
          in: 'header',
          name: 'x-functions-key',
          description: 'API_AUTH=key: a function or host key.',
        },
      },
      schemas,
    },
  };
}

function describe(name: string, operation: Operation, schemas: Json): Json {
  const { roles, apps, body, answers, summary } = operation;
  const entries = Object.entries(answers).map(([status, { description, schema, headers }]) => [
    status,
    {
      description,
      ...(headers ? { headers: headersOf(headers) } : {}),
      content: { 'application/json': { schema: schemaOf(schema, 'output', schemas) } },
    },
  ]);
  const problem = { 'application/problem+json': { schema: schemaOf(problemShape, 'output', schemas) } };
  const problems = Object.entries(problemsOf(operation)).map(([status, description]) => [
    status,
    { description, content: problem },
  ]);
  return {
    operationId: name,
    summary,
    tags: tagsOf(apps),
    security: roles === null ? [] : [...roles.map((role) => ({ entra: [role] })), { functionKey: [] }],
    parameters: parametersOf(operation, schemas),
    ...(body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(body, 'input', schemas) } },
          },
        }
      : {}),
    responses: { ...Object.fromEntries(problems), ...Object.fromEntries(entries) },
  };
}

function tagsOf(apps: Operation['apps']): string[] {
  const both = ['backup app', 'restore app'];
  if (apps === 'all') return [...both, 'portable app'];
  return apps === 'both' ? both : [`${apps} app`];
}

const problemsOf = ({ roles, body, problems }: Operation): Record<number, string> => ({
  ...(body ? { 400: 'Something is wrong with the request; `problems` names each field.' } : {}),
  ...(roles === null
    ? {}
    : { 401: 'Nobody is signed in, or the key is missing.', 403: 'The caller lacks the app role.' }),
  ...(body ? { 413: 'The body is larger than 1 MiB.' } : {}),
  ...problems,
  500: 'Something went wrong inside the service, or what is stored is not whole.',
  503: 'Storage cannot be reached, or refuses the app.',
});

const headersOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

function parametersOf(operation: Operation, schemas: Json): Json[] {
  const path = pathParameters(operation).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const rest = (['query', 'header'] as const).flatMap((where) => {
    const shape = where === 'query' ? operation.query?.shape : operation.headers?.shape;
    return Object.entries(shape ?? {}).map(([name, schema]) => ({
      name,
      in: where,
      required: !z.safeParse(schema, undefined).success,
      schema: schemaOf(schema, 'input', schemas),
    }));
  });
  return [...path, ...rest];
}

/** The JSON Schema of a zod schema; what has an id becomes a component, and is referred to. */
function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output', schemas: Json): unknown {
  const {
    $schema: _dialect,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
      // zod's bounds of a whole number that JavaScript can hold, and its pattern beside a format, say nothing to a reader.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  for (const [id, definition] of Object.entries($defs)) {
    const found = relocated(definition);
    if (id in schemas && JSON.stringify(schemas[id]) !== JSON.stringify(found))
      throw new Error(`two schemas have the id ${id}`);
    schemas[id] = found;
  }
  return relocated(own);
}

const relocated = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));

/**
 * Kusto's own language service (@kusto/language-service-next), with the columns of the tables that our queries read, as
 * the table reference of Azure Monitor names them. It comes as two browser scripts that set globals.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runInThisContext } from 'node:vm';

/** Only the columns in use; one that is missing here is a problem of the query, or of this list. */
const tables: Readonly<Record<string, string>> = {
  AppTraces:
    '(TimeGenerated: datetime, Message: string, SeverityLevel: int, AppRoleName: string, Properties: dynamic)',
  AZKVAuditLogs:
    '(TimeGenerated: datetime, OperationName: string, Identity: dynamic, CallerIPAddress: string, ResultSignature: string, HttpStatusCode: int, RequestUri: string, _ResourceId: string)',
  StorageBlobLogs:
    '(TimeGenerated: datetime, AccountName: string, Category: string, OperationName: string, AuthenticationType: string, StatusCode: string, StatusText: string, RequesterObjectId: string, CallerIpAddress: string, Uri: string)',
  AzureActivity:
    '(TimeGenerated: datetime, OperationNameValue: string, ActivityStatusValue: string, Caller: string, CallerIpAddress: string, _ResourceId: string)',
};

interface List<T> {
  Count: number;
  getItem(index: number): T;
}
interface Code {
  GetDiagnostics(): List<{ Message: string; Severity: string; Start: number }>;
  ResultType: { Columns?: List<{ Name: string }> } | null;
}
interface Globals {
  WithDatabase(database: object): Globals;
}
interface Kusto {
  Language: {
    GlobalState: { Default: Globals };
    KustoCode: { ParseAndAnalyze(text: string, globals: Globals): Code };
    Symbols: {
      TableSymbol: { From(schema: string): { WithName(name: string): object } };
      DatabaseSymbol: { ctor: new (name: string, members: object[]) => object };
    };
  };
}

function load(): Kusto['Language'] {
  const main = createRequire(import.meta.url).resolve('@kusto/language-service-next');
  for (const file of ['bridge.min.js', 'Kusto.Language.Bridge.min.js'])
    runInThisContext(readFileSync(path.join(path.dirname(main), file), 'utf8'), { filename: file });
  return (globalThis as unknown as { Kusto: Kusto }).Kusto.Language;
}

const { GlobalState, KustoCode, Symbols } = load();
const members = Object.entries(tables).map(([name, schema]) =>
  Symbols.TableSymbol.From(schema).WithName(name),
);
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('workspace', members));

const itemsOf = <T>(list: List<T>): T[] =>
  Array.from({ length: list.Count }, (_, index) => list.getItem(index));

export const problemsOf = (query: string): string[] =>
  itemsOf(KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics()).map(
    ({ Message, Start }) => `${Start}: ${Message}`,
  );

/** The columns of the result. */
export const columnsOf = (query: string): string[] => {
  const columns = KustoCode.ParseAndAnalyze(query, globals).ResultType?.Columns;
  return columns ? itemsOf(columns).map(({ Name }) => Name) : [];
};

/** The one App of this process, and an invocation's log as its event sink. */
import type { InvocationContext } from '@azure/functions';
import { type App, compose } from '../shared/composition.ts';
import { parseConfig, readEnvironment } from '../shared/config.ts';
import type { Events } from '../shared/ports/events.ts';

/** Throws at import with every problem of the settings: the host shows it and starts nothing. */
export const config = parseConfig(readEnvironment());

let composed: App | undefined;
export const theApp = (): App => (composed ??= compose(config));

export const runsBackups = config.role === 'backup' || config.role === 'all';
export const runsRestores = config.role === 'restore' || config.role === 'all';
export const runsPortable = config.role === 'portable' || config.role === 'all';

const warnings =
  /\.(failed|partial|refused|skipped|mutable|conflict|stranger|stalled|stale|expiring|found|ignored|invalid|poisoned|unaudited|overdue|unread|unreachable|throttled|dropped|high)$/;

/** One JSON line per event: what alerts read. */
export const eventsTo = (context: InvocationContext): Events => ({
  emit(event, fields) {
    const line = JSON.stringify({ event, ...fields });
    if (warnings.test(event)) context.warn(line);
    else context.log(line);
  },
});

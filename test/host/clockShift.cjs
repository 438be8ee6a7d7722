// Shifts Date in the worker: preloaded with --require, so that it is in place before the app's first line. Only Date
// moves; timers, performance.now() and TLS keep the real clock. The variable is removed: it is no app setting.
const offsetMs = Number(process.env.HOST_CLOCK_OFFSET_MS ?? 0);
delete process.env.HOST_CLOCK_OFFSET_MS;

if (offsetMs !== 0) {
  const RealDate = Date;
  const now = () => RealDate.now() + offsetMs;
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  RealDate.prototype.constructor = ShiftedDate;
  globalThis.Date = ShiftedDate;
}

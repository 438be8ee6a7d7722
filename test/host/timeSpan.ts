/** .NET TimeSpan texts as host.json has them: `[d.]hh:mm:ss[.fff]`, and for timeouts `-1` for "none". */
const TIME_SPAN = /^(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/;

export function parseTimeSpanMs(text: string, where: string): number {
  const match = TIME_SPAN.exec(text);
  if (match === null) throw new Error(`${where}: "${text}" is not a time span such as "00:00:30".`);
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
    throw new Error(`${where}: "${text}" is out of range (hh < 24, mm < 60, ss < 60).`);
  }
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Math.round(Number(`0.${fraction}`) * 1000);
}

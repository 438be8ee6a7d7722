/** The inline constraints of ASP.NET route parameters (`{id:int}`, `{name:length(3,24)}`), as tests of the value. */
type Test = (value: string) => boolean;

const WHOLE = /^[+-]?\d+$/;
const REAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const PLAIN: Record<string, Test> = {
  int: (value) => WHOLE.test(value) && Math.abs(Number(value)) <= 2 ** 31 - 1,
  long: (value) => WHOLE.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value),
  bool: (value) => /^(true|false)$/i.test(value),
  guid: (value) => /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  decimal: (value) => REAL.test(value),
  double: (value) => REAL.test(value),
  float: (value) => REAL.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  required: (value) => value !== '',
};

const WITH_ARGUMENTS: Record<string, (argument: string) => Test> = {
  minlength: (n) => (value) => value.length >= Number(n),
  maxlength: (n) => (value) => value.length <= Number(n),
  length: (range) => {
    const [low = 0, high = low] = range.split(',').map(Number);
    return (value) => value.length >= low && value.length <= high;
  },
  min: (n) => (value) => WHOLE.test(value) && Number(value) >= Number(n),
  max: (n) => (value) => WHOLE.test(value) && Number(value) <= Number(n),
  range: (range) => {
    const [low = 0, high = 0] = range.split(',').map(Number);
    return (value) => WHOLE.test(value) && Number(value) >= low && Number(value) <= high;
  },
  regex: (source) => {
    const pattern = new RegExp(source.replaceAll('{{', '{').replaceAll('}}', '}'), 'i');
    return (value) => pattern.test(value);
  },
};

export function compileConstraint(text: string, template: string): Test {
  const [, name = '', argument] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? [];
  const test =
    argument === undefined ? PLAIN[name.toLowerCase()] : WITH_ARGUMENTS[name.toLowerCase()]?.(argument);
  if (test === undefined) throw new Error(`Route "${template}": unknown constraint "${text}".`);
  return test;
}

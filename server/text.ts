const texts = new WeakMap<object, string>();

/** A message, or a batch of them, as JSON. What is frozen in it is written once: clients ask for sessions far more often than sessions change. */
export function textOf(message: unknown): string {
  if (Array.isArray(message)) return `[${message.map(textOf).join(',')}]`;
  if (typeof message !== 'object' || message === null || Object.isFrozen(message)) return write(message);
  const members = Object.entries(message).filter(([, value]) => value !== undefined);
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${Array.isArray(value) ? `[${value.map(write).join(',')}]` : write(value)}`).join(',')}}`;
}

function write(value: unknown): string {
  if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) return JSON.stringify(value) ?? 'null';
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
}

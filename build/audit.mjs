// Reads the output of `npm audit --json`. Exits with 1 if an advisory concerns a shipped package: one that is installed
// with us, or packed into `dist`. The bill of materials lists both. A registry without an audit is reported, and is not
// a failure.
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const { components } = JSON.parse(readFileSync(process.argv[2] ?? 'dist/sbom.cdx.json', 'utf8'));
const shipped = new Set(components.map(({ group, name }) => (group ? `${group}/${name}` : name)));

const report = parse(await text(process.stdin));
if (!report?.vulnerabilities) {
  console.log(`The audit is not available: ${report?.message ?? 'npm audit printed no report'}`);
} else {
  const found = Object.values(report.vulnerabilities).filter(({ name }) => shipped.has(name));
  for (const { name, severity, range, via } of found) {
    const titles = via.flatMap(advisory => (typeof advisory === 'string' ? [] : [`${advisory.title} ${advisory.url}`]));
    console.log(`${severity}: ${name} ${range} ${titles.join('; ')}`.trim());
  }
  console.log(`The audit of ${shipped.size} shipped packages found ${found.length}.`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge, Registry } from 'prom-client';

// A server that answers every request with the metrics that it was sent: as they are, or made by prom-client.

const [mode] = process.argv.slice(2);

process.once('message', text => {
  const render = mode === 'prom-client' ? renderer(String(text)) : always(Buffer.from(String(text)));
  const http = createServer((_request, response) => void render().then(body => response.end(body)));
  http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port));
});

const always = (body: Buffer) => async () => body;

/** All series of the text as gauges of prom-client. */
function renderer(text: string): () => Promise<string> {
  const registry = new Registry();
  const gauges = new Map<string, Gauge>();
  for (const [, name = '', labels = '', value] of text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)) {
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', said = '']) => [label, said] as const);
    const labelNames = pairs.map(([label]) => label);
    const gauge = gauges.get(name) ?? new Gauge({ name, help: name, labelNames, registers: [registry] });
    gauges.set(name, gauge);
    gauge.set(Object.fromEntries(pairs), Number(value));
  }
  return () => registry.metrics();
}

import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds wrong with a page. */
export async function violations(page: Page): Promise<unknown> {
  // Through the debugger, for the page's content security policy forbids other scripts.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: { run(root: Document): Promise<AxeResults> } };
    return (await axe.run(document)).violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  });
}

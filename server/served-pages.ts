import { KeepaliveError } from '../sdk/contract/errors.ts';
import type { Cleanup } from '../sdk/base/cleanup.ts';
import type { PageFiles } from '../sdk/plugin/frontend.ts';

/** The frontend whose page is opened unless another one is asked for: the settings page. */
const SETTINGS = 'ui-web';

type Served = { readonly id: string; readonly read: () => Promise<PageFiles>; files?: Promise<PageFiles> };

/** The pages that frontends serve at the moment, by the id of the frontend. */
export class ServedPages {
  readonly #served: Served[] = [];

  /** Adds the page of a frontend, in place of the one that it served before, until the cleanup is called. */
  add(id: string, read: () => Promise<PageFiles>): Cleanup {
    const page = { id, read };
    this.#served.push(page);
    return () => void this.#served.splice(this.#served.indexOf(page), 1);
  }

  /** Throws `KA_PAGE_NOT_SERVED` if there is no such page. */
  require(page: string | undefined): void {
    if (this.#find(page)) return;
    const known = [...new Set(this.#served.map(({ id }) => id))];
    throw new KeepaliveError('KA_PAGE_NOT_SERVED', { ...(page && { page }), known });
  }

  /** The files of a page, which are read once. Undefined if it is not served. */
  files(page: string | undefined): Promise<PageFiles> | undefined {
    const found = this.#find(page);
    return found && filesOf(found);
  }

  /** Without a name, the settings page; if it is off, the page that is served first. */
  #find(page: string | undefined): Served | undefined {
    const named = (id: string) => this.#served.findLast(served => served.id === id);
    return page === undefined ? (named(SETTINGS) ?? this.#served[0]) : named(page);
  }
}

const filesOf = (page: Served): Promise<PageFiles> =>
  (page.files ??= page.read().catch((error: unknown) => {
    // The next request tries again.
    delete page.files;
    throw error;
  }));

/** What a foreign page knows about the server that it attacks. */
export type Target = { readonly url: string; readonly token: string; readonly order: string };

/** Attacks on a server that run in a page. Each returns whether the page got an answer. */
export const ATTACKS: Readonly<Record<string, (target: Target) => Promise<boolean>>> = {
  fetch: ({ url }) =>
    fetch(url, { credentials: 'include' }).then(
      async response => response.ok && (await response.text()) !== '',
      () => false,
    ),
  'fetch with the token in a header': ({ url, token }) =>
    fetch(url, { headers: { authorization: `Bearer ${token}` } }).then(
      async response => response.ok && (await response.text()) !== '',
      () => false,
    ),
  XMLHttpRequest: ({ url }) =>
    new Promise(resolve => {
      const request = new XMLHttpRequest();
      request.withCredentials = true;
      request.addEventListener('loadend', () =>
        resolve(request.status > 0 && request.status < 400 && request.responseText !== ''),
      );
      request.open('GET', url);
      request.send();
    }),
  'a WebSocket': ({ url }) =>
    new Promise(resolve => {
      const socket = new WebSocket(url.replace('http', 'ws'), 'keepalive.v1');
      socket.addEventListener('open', () => (socket.close(), resolve(true)));
      socket.addEventListener('error', () => resolve(false));
    }),
  'a WebSocket with the token': ({ url, token }) =>
    new Promise(resolve => {
      const socket = new WebSocket(url.replace('http', 'ws'), ['keepalive.v1', `bearer.${token}`]);
      socket.addEventListener('open', () => (socket.close(), resolve(true)));
      socket.addEventListener('error', () => resolve(false));
    }),
  'an EventSource': ({ url }) =>
    new Promise(resolve => {
      const source = new EventSource(url, { withCredentials: true });
      source.addEventListener('open', () => (source.close(), resolve(true)));
      source.addEventListener('error', () => (source.close(), resolve(false)));
    }),
  'a picture': ({ url }) =>
    new Promise(resolve => {
      document.body.append(
        Object.assign(new Image(), { src: url, onload: () => resolve(true), onerror: () => resolve(false) }),
      );
    }),
  'a script': ({ url }) =>
    new Promise(resolve => {
      document.body.append(
        Object.assign(document.createElement('script'), {
          src: url,
          type: 'module',
          onload: () => resolve(true),
          onerror: () => resolve(false),
        }),
      );
    }),
  'a style sheet': ({ url }) =>
    new Promise(resolve => {
      document.head.append(
        Object.assign(document.createElement('link'), {
          rel: 'stylesheet',
          href: url,
          onload: () => resolve(true),
          onerror: () => resolve(false),
        }),
      );
    }),
};

/** Attacks whose success only the server sees. They always return false. */
export const BLIND_ATTACKS: Readonly<Record<string, (target: Target) => Promise<boolean>>> = {
  'fetch without an answer': ({ url, order }) =>
    fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: order }).then(
      () => false,
      () => false,
    ),
  'a beacon': async ({ url, order }) => navigator.sendBeacon(url, order) && false,
  'a form': ({ url, order }) =>
    new Promise(resolve => {
      const name = `frame-${Math.random()}`;
      const frame = Object.assign(document.createElement('iframe'), { name, onload: () => resolve(false) });
      const form = Object.assign(document.createElement('form'), {
        method: 'post',
        enctype: 'text/plain',
        action: url,
        target: name,
      });
      form.append(Object.assign(document.createElement('input'), { name: order.slice(0, -1), value: '}' }));
      document.body.append(form, frame);
      form.submit();
    }),
  'a frame': ({ url }) =>
    new Promise(resolve => {
      document.body.append(Object.assign(document.createElement('iframe'), { src: url, onload: () => resolve(false) }));
    }),
  'an object': ({ url }) =>
    new Promise(resolve => {
      document.body.append(
        Object.assign(document.createElement('object'), {
          data: url,
          onload: () => resolve(false),
          onerror: () => resolve(false),
        }),
      );
    }),
};

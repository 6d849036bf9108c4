/** The part of oidc-provider that the tests use. It comes without types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  interface DeviceCode {
    save(): Promise<string>;
  }

  interface RefreshToken {
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    readonly Grant: new (properties: object) => Grant;
    readonly RefreshToken: new (properties: object) => RefreshToken;
    readonly DeviceCode: { findByUserCode(code: string): Promise<DeviceCode | undefined> };
    readonly Client: { find(id: string): Promise<object> };
    callback(): RequestListener;
    on(event: string, listener: () => void): void;
  }
}

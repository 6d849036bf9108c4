type Roles = { readonly database: string; readonly owner: string; readonly app: string };

/**
 * The statements of an administrator for two users: `owner` makes and changes the tables, `app` only uses them. They
 * are run before the tables are made, and hold for those of later versions too.
 */
export const schemaFor = ({ database, owner, app }: Roles): string =>
  `
GRANT CONNECT ON DATABASE ${database} TO ${owner}, ${app};
CREATE SCHEMA keepalive AUTHORIZATION ${owner};
GRANT USAGE ON SCHEMA keepalive TO ${app};
ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA keepalive
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app};
ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA keepalive
  GRANT USAGE, SELECT ON SEQUENCES TO ${app};
`.trim();

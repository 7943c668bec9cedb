/** The version of this package; tests/http/wire-clients.test.ts holds it to package.json. */
export const packageVersion = "0.1.0";

/** The version of this package, which a test holds to its package.json. */
export const packageVersion = "0.1.0";

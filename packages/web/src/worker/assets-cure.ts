/** What to do where a file of this package does not come. */
export const assetsCure = "serve the folder dist/ of @predikt/web there, or name another place with the option assets.base";

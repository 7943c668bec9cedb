export { type ApiKey, type ApiKeysOptions, apiKeys, createApiKey, hashApiKey } from "./api-keys.ts";
export { type JwtOptions, jwtAccess } from "./jwt-access.ts";
export { type FlexibleLimiter, type SharedRateOptions, sharedRateLimits } from "./shared-rate-limits.ts";

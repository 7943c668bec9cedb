/** Which model of a server is meant. */
export interface ModelChoice {
  readonly name: string;
  readonly version: string | undefined;
  /** Instead of a version, where the protocol has labels. */
  readonly label: string | undefined;
}

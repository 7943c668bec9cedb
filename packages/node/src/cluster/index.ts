export { cluster } from "./cluster.ts";
export { type DrainServerOptions, drainServer } from "./drain-server.ts";
export type { Cluster, ClusterChild, ClusterEvent, ClusterOptions, ClusterProcess, ClusterService, RestartOptions } from "./options.ts";

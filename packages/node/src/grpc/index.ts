export { addPrediktServices, type GrpcServices } from "./add-services.ts";
export { type GrpcRemoteOptions, remote } from "./client/remote.ts";
export { createGrpcServer, type GrpcServer, type GrpcServerOptions, type ListenOptions } from "./create-server.ts";
export type { GrpcLimits, GrpcServiceOptions } from "./options.ts";

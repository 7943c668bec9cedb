export { backendContract, type ContractModels, type ContractSubject, type TestFramework } from "./contract.ts";
export { contractModels } from "./contract-models.ts";
export { type FakeBackend, type FakeBackendOptions, type FakeRun, fakeBackend } from "./fake-backend.ts";
export { FakeClock, settle } from "./fake-clock.ts";

export { type FakeBackend, type FakeBackendOptions, type FakeRun, fakeBackend } from "./fake-backend.ts";
export { FakeClock, settle } from "./fake-clock.ts";

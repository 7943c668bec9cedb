// Runs the benchmarks, against packages that are built where they are not.
import { ready } from "./lib/ready.mjs";

await ready();
await import("../bench/main.mjs");

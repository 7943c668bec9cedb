// Runs the endurance tests, against packages that are built where they are not.
import { ready } from "./lib/ready.mjs";

await ready();
await import("../soak/main.mjs");

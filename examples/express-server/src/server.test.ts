import { afterEach, it } from "vitest";
import { endAll } from "../../test-support/program.ts";
import { servesBoth } from "../../test-support/serves-both.ts";

afterEach(endAll);

it("serves both models, the line by default, and answers what is under way when it is ended", () => servesBoth("express-server"));

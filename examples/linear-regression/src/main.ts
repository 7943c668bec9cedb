import { makeModel } from "./make-model.ts";

await makeModel();

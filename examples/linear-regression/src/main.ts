import { makeModel } from "./make-model.ts";

// npm run train -- other.onnx
await makeModel(process.argv[2]);

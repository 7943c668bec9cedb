export { argmax, type Ranked, type Scores, softmax, topK } from "./softmax.ts";

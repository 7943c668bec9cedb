import type { Port } from "@predikt/core/runtime";
import { serve } from "./serve.ts";

serve(globalThis as unknown as Port);

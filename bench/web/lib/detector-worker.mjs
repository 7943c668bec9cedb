import { hostDefinitions } from "@predikt/web/definitions";
import { detector } from "./detector.mjs";

hostDefinitions([detector]);

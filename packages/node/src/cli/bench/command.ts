import { type Command, Option } from "commander";
import { above, collect, oneOf, steps, whole } from "../lib/arguments.ts";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** Options of `predikt bench`. */
export interface BenchOptions {
  readonly concurrency?: readonly number[];
  readonly rate?: readonly number[];
  readonly distribution: "constant" | "poisson";
  readonly rows: number;
  readonly input?: string;
  readonly model?: string;
  readonly modelVersion?: string;
  readonly protocol?: "auto" | "typed" | "oip";
  readonly binary?: boolean;
  readonly header?: readonly string[];
  readonly device?: string;
  readonly execution?: "auto" | "inline" | "worker" | "process";
  readonly batching: "auto" | "on" | "off";
  readonly maxBatchSize?: number;
  readonly windowMs: number;
  readonly warmupMs: number;
  readonly stability: number;
  readonly maxWindows: number;
  readonly json?: boolean;
  readonly html?: string;
}

const notes = `Closed loop (--concurrency): so many callers, each asking again as soon as it is answered.
Open loop (--rate): requests at fixed times, whether or not earlier ones are answered; a latency counts
from the time at which its request was due, so that a server that stalls cannot hide it.

Each load runs in windows until throughput and mean latency of the last three differ by no more than
--stability; their numbers are shown together. The client's own CPU is measured: near one core, it is
the client that is being measured. Batch is rows per run as the server counts them, where it does.

Ends with 1 where a load got no answer but errors.`;

/** `predikt bench`. */
export function benchCommand({ terminal, end }: CommandContext): Command {
  return createCommand(
    "bench",
    "Measures latency and throughput of a model file or a server, as perf_analyzer does.",
    [
      ["predikt bench model.onnx --concurrency 1:8", "in this process, 1 to 8 callers"],
      ["predikt bench http://127.0.0.1:3000/predict/digits --concurrency 1,4,16", "a server's typed route"],
      ["predikt bench http://triton:8000/v2/models/resnet --rate 100:500:100 --binary", "OIP, binary tensors, open loop"],
      ["predikt bench model.onnx --rate 50:400:50 --html chart.html", "and a chart"],
    ],
    notes,
  )
    .argument("<target>", "path or URL of an .onnx file, or URL of a server")
    .addOption(new Option("--concurrency <steps>", "callers: 4, 1,2,4, 1:8 or 1:8:2 (default: 1)").argParser(steps))
    .addOption(new Option("--rate <steps>", "requests per second: 100, 50,100 or 100:500:100").argParser(steps).conflicts("concurrency"))
    .addOption(
      new Option("--distribution <how>", "gaps between requests of --rate: constant or poisson")
        .argParser(oneOf("constant", "poisson"))
        .default("constant"),
    )
    .addOption(new Option("--rows <count>", "rows, or items, of one request").argParser(whole(1)).default(1))
    .option("--input <json>", "input, as JSON or the path of a .json file (default: the example; random tensors)")
    .option("--model <name>", "on a server: which model (default: its default)")
    .option("--model-version <version>", "on a server: which version")
    .addOption(new Option("--protocol <name>", "on a server: auto, typed or oip (default: auto)").argParser(oneOf("auto", "typed", "oip")))
    .option("--binary", "OIP: tensors as bytes, both ways")
    .addOption(new Option("--header <line>", 'on a server: a header, "name: value"; several times').argParser(collect))
    .option("--device <list>", "for a file: devices in the order to try (default: auto)")
    .addOption(
      new Option("--execution <where>", "for a file: auto, inline, worker or process (default: auto)").argParser(
        oneOf("auto", "inline", "worker", "process"),
      ),
    )
    .addOption(new Option("--batching <mode>", "for a file: auto, on or off").argParser(oneOf("auto", "on", "off")).default("auto"))
    .addOption(new Option("--max-batch-size <rows>", "for a file: rows that a run may carry (default: 32)").argParser(whole(1)))
    .addOption(new Option("--window-ms <ms>", "length of a window").argParser(above(0)).default(2000))
    .addOption(new Option("--warmup-ms <ms>", "load before the first window of each").argParser(whole(0)).default(500))
    .addOption(new Option("--stability <percent>", "how far three windows may differ").argParser(above(0)).default(10))
    .addOption(new Option("--max-windows <count>", "windows after which it goes on, stable or not").argParser(whole(3)).default(10))
    .option("--json", "print JSON")
    .option("--html <file>", "write a page with charts")
    .action(async (target: string, options: BenchOptions) => {
      const { bench } = await import("./bench.ts");
      end(await bench(target, options, terminal));
    });
}

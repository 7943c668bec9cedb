import { type Command, Option } from "commander";
import { above, collect, oneOf } from "../lib/arguments.ts";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** Options of `predikt predict`. */
export interface PredictCommandOptions {
  readonly model?: string;
  readonly modelVersion?: string;
  readonly label?: string;
  readonly protocol?: "auto" | "typed" | "oip";
  readonly header?: readonly string[];
  readonly timeoutMs?: number;
  readonly device?: string;
  readonly image?: readonly string[];
  readonly npy?: readonly string[];
  readonly resize?: string;
  readonly fit?: "stretch" | "cover" | "contain";
  readonly normalize?: string;
  readonly mean?: string;
  readonly std?: string;
  readonly layout?: "NCHW" | "NHWC";
  readonly colors?: "rgb" | "bgr" | "gray";
  readonly details?: boolean;
}

const notes = `The input is JSON: in the argument, in a .json file, or on stdin ("-", or nothing where stdin is no
terminal). A model without a definition takes named tensors, {"x": [[1, 2]]}; one with a definition
takes what that says. A .npy, .png, .jpg or .webp file is one input tensor.

An image is brought to the size, layout and channels that the model's signature tells, as far as it
does; --resize, --layout and --colors say the rest. --normalize says what its levels become:
unit (0 to 1, the default), signed (-1 to 1), imagenet, none (0 to 255); --mean and --std go before it.

The output is one line of JSON on stdout; NaN and infinities are strings, as are integers beyond 2^53.`;

/** `predikt predict`. */
export function predictCommand({ terminal, end }: CommandContext): Command {
  return createCommand(
    "predict",
    "Predicts once, with a model file or on a server.",
    [
      [`predikt predict linear.onnx '{"x": [[3]]}'`, "a file, and an input in the argument"],
      ["predikt predict resnet50.onnx cat.jpg --fit cover --normalize imagenet", "an image"],
      ["predikt predict http://127.0.0.1:3000 input.json --model digits", "a server"],
      ["cat input.json | predikt predict http://127.0.0.1:3000/predict/digits", "stdin, and the address of a route"],
      ["predikt predict http://triton:8000/v2/models/resnet --npy batch.npy", "any server that speaks OIP v2"],
    ],
    notes,
  )
    .argument("<target>", "path or URL of an .onnx file, or URL of a server")
    .argument("[input]", "JSON, or the path of a .json, .npy, .png, .jpg or .webp file")
    .option("--model <name>", "on a server: which model (default: its default)")
    .option("--model-version <version>", "on a server: which version")
    .option("--label <label>", "on a server: which label, such as canary")
    .addOption(new Option("--protocol <name>", "on a server: auto, typed or oip (default: auto)").argParser(oneOf("auto", "typed", "oip")))
    .addOption(new Option("--header <line>", 'on a server: a header, "name: value"; several times').argParser(collect))
    .addOption(new Option("--timeout-ms <ms>", "give up after this").argParser(above(0)))
    .option("--device <list>", "for a file: devices in the order to try (default: auto)")
    .addOption(new Option("--image <[name=]file>", "an image as that input; several times").argParser(collect))
    .addOption(new Option("--npy <[name=]file>", "an array of NumPy as that input; several times").argParser(collect))
    .option("--resize <WxH>", "image: size in pixels")
    .addOption(
      new Option("--fit <how>", "image: stretch, cover or contain (default: stretch)").argParser(oneOf("stretch", "cover", "contain")),
    )
    .addOption(
      new Option("--normalize <how>", "image: unit, signed, imagenet or none (default: unit)").argParser(
        oneOf("unit", "signed", "imagenet", "none"),
      ),
    )
    .option("--mean <numbers>", "image: subtracted after levels became 0 to 1, one or one per channel")
    .option("--std <numbers>", "image: divided by after that")
    .addOption(new Option("--layout <axes>", "image: NCHW or NHWC").argParser(oneOf("NCHW", "NHWC")))
    .addOption(new Option("--colors <order>", "image: rgb, bgr or gray").argParser(oneOf("rgb", "bgr", "gray")))
    .option("--details", "print model, device, timings and batch size too")
    .action(async (target: string, input: string | undefined, options: PredictCommandOptions) => {
      const { predict } = await import("./predict.ts");
      end(await predict(target, input, options, terminal));
    });
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The repository's root. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** One import, re-export or dynamic import. */
export interface Import {
  readonly name: string;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

/** A source file and what it imports. */
export interface Source {
  /** From the repository's root. */
  readonly file: string;
  readonly text: string;
  readonly lines: number;
  /** Whether it is more than a test. */
  readonly production: boolean;
  readonly imports: readonly Import[];
}

/** All sources of a package. */
export function read(name: string): Source[] {
  return walk(join(root, "packages", name, "src")).map(parse);
}

/** All sources of what uses the packages: examples, tests, benchmarks. */
export function workspaceSources(): Source[] {
  const folders = ["examples", "tests", "bench"].map((folder) => join(root, folder));
  return folders.filter((folder) => existsSync(folder)).flatMap((folder) => walk(folder).map(parse));
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(node_modules|dist|\.cache|\.readme)\//.test(path));
}

function parse(path: string): Source {
  const text = readFileSync(path, "utf8");
  const file = relative(root, path);
  const imports: Import[] = [];
  const note = (specifier: ts.Node | undefined, typeOnly: boolean, dynamic: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteral(specifier)) imports.push({ name: specifier.text, typeOnly, dynamic });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      note(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword, false);
    } else if (ts.isExportDeclaration(node)) {
      note(node.moduleSpecifier, node.isTypeOnly, false);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      note(node.arguments[0], false, true);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      note(node.argument.literal, true, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false, path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
  return { file, text, lines: text.split("\n").length, production: !/\.test(-d)?\.tsx?$/.test(path), imports };
}

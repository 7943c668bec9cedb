import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import type { ReactElement } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, expect, it } from "vitest";
import { fakeRuntime } from "../test/kit.tsx";
import {
  type DeviceCapability,
  type ModelStore,
  PredictorProvider,
  type StoredModel,
  type UseDeviceCapabilities,
  type UseModelStore,
  useDeviceCapabilities,
  useModelStore,
} from "./index.ts";

let store: UseModelStore;
let capabilities: UseDeviceCapabilities;

function Kept(): ReactElement {
  store = useModelStore();
  return <output>{`${store.status}:${store.models?.map(({ key }) => key) ?? "-"}:${store.usage?.usedBytes ?? "-"}`}</output>;
}
function Devices(): ReactElement {
  capabilities = useDeviceCapabilities();
  return <p>{`${capabilities.status}:${capabilities.devices?.map(({ device }) => device) ?? "-"}`}</p>;
}

function fakeStore(): ModelStore & { failing: boolean } {
  const models = new Map<string, StoredModel>(["a", "b", "c"].map((key) => [key, { key, url: `/${key}.onnx`, bytes: 10, lastUsedAt: 0 }]));
  return {
    failing: false,
    async list() {
      if (this.failing) throw new Error("no storage");
      return [...models.values()];
    },
    remove: async (key) => models.delete(key),
    clear: async () => models.clear(),
    persist: async () => true,
    usage: async () => ({ usedBytes: 10 * models.size, quotaBytes: 1000, persisted: false, kind: "memory" }),
  };
}

const shows = (text: string): Promise<void> => waitFor(() => expect(screen.getByRole("status").textContent).toBe(text));
const { create } = fakeRuntime();

afterEach(cleanup);

it("shows what is kept, removes it, and shows what is kept then", async () => {
  const modelStore = fakeStore();
  const page = (
    <PredictorProvider create={create} models={{}} modelStore={modelStore}>
      <Kept />
    </PredictorProvider>
  );
  expect(renderToString(page)).toContain("idle:-:-");
  render(page);
  await shows("success:a,b,c:30");
  const { remove, clear, persist, refresh } = store;
  await act(() => store.remove("b"));
  await shows("success:a,c:20");
  await act(async () => expect(await store.persist()).toBe(true));
  modelStore.failing = true;
  await act(() => store.refresh());
  await shows("error:a,c:20");
  expect(store.error).toMatchObject({ message: "no storage" });
  modelStore.failing = false;
  await act(() => store.clear());
  await shows("success::0");
  expect(store).toMatchObject({ remove, clear, persist, refresh });
});

it("shows what this machine can do, asked once for all", async () => {
  let asked = 0;
  const supportedDevices = async (): Promise<readonly DeviceCapability[]> => {
    asked++;
    return [{ device: "wasm", supported: true, automatic: true }];
  };
  render(
    <PredictorProvider create={create} models={{}} supportedDevices={supportedDevices}>
      <Devices />
      <Devices />
    </PredictorProvider>,
  );
  await waitFor(() => expect(screen.getAllByText("success:wasm")).toHaveLength(2));
  expect(asked).toBe(1);
  await act(() => capabilities.refresh());
  expect(asked).toBe(2);
});

it("say what the provider lacks", () => {
  const page = (child: ReactElement): ReactElement => (
    <PredictorProvider create={create} models={{}}>
      {child}
    </PredictorProvider>
  );
  expect(() => renderToString(page(<Kept />))).toThrow(/"modelStore"/);
  expect(() => renderToString(page(<Devices />))).toThrow(/"supportedDevices"/);
});

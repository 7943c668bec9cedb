import { PredictorProvider } from "@predikt/react";
import { createPredictor, supportedDevices } from "@predikt/web";
import { lazy, type ReactElement, Suspense } from "react";
import { DigitsPage } from "./digits/digits-page.tsx";
import { api, models } from "./models.ts";
import { type Route, routes, useRoute } from "./use-route.ts";

// The text models' list of characters is not for those who only draw.
const TextPage = lazy(() => import("./text/text-page.tsx"));

/** The whole page: what runs the models is said here, once. */
export function App(): ReactElement {
  const route = useRoute();
  return (
    <PredictorProvider create={createPredictor} models={models} supportedDevices={supportedDevices}>
      <button className="skip-link" type="button" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the content
      </button>
      <header className="top">
        <a className="brand" href="#/">
          <Mark />
          Predikt
        </a>
        <nav aria-label="Pages">
          {Object.entries(routes).map(([name, title]) => (
            <a key={name} href={`#/${name}`} aria-current={route === (name as Route) ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {route === "text" ? (
          <Suspense fallback={<p className="quiet">Opening …</p>}>
            <TextPage />
          </Suspense>
        ) : (
          <DigitsPage />
        )}
      </main>
      <footer>
        <p>
          This page keeps working without a network. The server’s side: <a href={`${api}/docs`}>API</a>,{" "}
          <a href={`${api}/openapi.json`}>OpenAPI</a>, <a href={`${api}/models`}>models</a>, <a href={`${api}/health/ready`}>health</a>.
        </p>
      </footer>
    </PredictorProvider>
  );
}

function Mark(): ReactElement {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path d="M9 8h14L14.5 25" fill="none" stroke="var(--on-accent)" strokeWidth="3.6" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

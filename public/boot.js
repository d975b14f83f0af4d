// Starts the console, and stays behind it: when the program cannot start or dies, this says so, reports it
// and reloads the page. It must work when nothing else does, so it depends on nothing.

const WASM = "watchfloor-console_bg.wasm";
// Both are filled in when the assets are packed.
const WASM_INTEGRITY = "{{WASM_INTEGRITY}}";
const BUILD = "{{BUILD}}";

const SLOW_AFTER_MS = 5_000;
// The program comes in this time at 3 KB/s. On a connection that died unnoticed it never would.
const START_WITHIN_MS = 120_000;
const RELOAD_AFTER_MS = 5_000;
const ANSWER_WITHIN_MS = 10_000;
// A page that fails again and again must not hammer the gateway, yet a wall has nobody to press a key.
const RELOADS_MAX = 3;
const RELOADS_WITHIN_MS = 10 * 60_000;
const RELOADS_KEY = "watchfloor-reloads";
const REPORTS_MAX = 5;
const MESSAGE_MAX_CHARS = 2_000;

let running = false;
let failed = false;
let reports = 0;

function text(value) {
  const words = value instanceof Error ? `${value.name}: ${value.message}` : String(value);
  return words.slice(0, MESSAGE_MAX_CHARS);
}

function report(kind, value) {
  if (reports >= REPORTS_MAX) return;
  reports += 1;
  const stack = value instanceof Error ? String(value.stack).slice(0, MESSAGE_MAX_CHARS) : "";
  fetch(new URL("/api/monitoring/page-failures", location.origin), {
    method: "POST",
    keepalive: true,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ kind, message: text(value), stack, page: location.pathname, build: BUILD }),
  }).catch(() => {
    // There is nobody left to tell: the overlay already says that the page failed.
  });
}

/** How long to wait before the next reload, in milliseconds; notes that it will happen. */
function reloadDelayMs(now) {
  try {
    const noted = JSON.parse(sessionStorage.getItem(RELOADS_KEY) ?? "[]");
    const recent = noted.filter((at) => at <= now && now - at < RELOADS_WITHIN_MS);
    const free = recent.length < RELOADS_MAX;
    const delay = free ? RELOAD_AFTER_MS : recent[recent.length - RELOADS_MAX] + RELOADS_WITHIN_MS - now;
    const next = [...recent, now + delay].slice(-RELOADS_MAX);
    sessionStorage.setItem(RELOADS_KEY, JSON.stringify(next));
    return delay;
  } catch {
    // Without storage nothing can be counted, so the longest spacing that keeps the promise is used.
    return RELOADS_WITHIN_MS / RELOADS_MAX;
  }
}

/** Reloads once the gateway answers: reloading while it is away would end on the browser's own error page. */
async function reloadWhenReachable() {
  try {
    const answer = await fetch(location.href, {
      method: "HEAD",
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (answer.ok) {
      location.reload();
      return;
    }
  } catch {
    // Not reachable: try again below.
  }
  setTimeout(reloadWhenReachable, RELOAD_AFTER_MS);
}

function element(name, className, words) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = words;
  return made;
}

function showFailure(value, delayMs) {
  document.getElementById("boot")?.remove();
  const box = element("div", "boot boot-failed", "");
  box.setAttribute("role", "alert");
  const button = element("button", "boot-button", "Reload now");
  button.type = "button";
  button.addEventListener("click", () => location.reload());
  const wait = delayMs < 60_000 ? `${Math.ceil(delayMs / 1000)} s` : `${Math.ceil(delayMs / 60_000)} min`;
  box.append(
    element("p", "boot-title", "This page has failed and shows nothing current."),
    element("p", "boot-text", `It reloads by itself in ${wait}, once the gateway answers.`),
    element("p", "boot-detail", text(value)),
    button,
  );
  document.body.append(box);
  document.title = "Failed · Watchfloor";
}

function fail(kind, value) {
  // What is still being fetched is of no use, and on dead connections it would hold all that the browser opens to one
  // server: neither the report nor the question whether the gateway is back would leave.
  if (!failed && !running) window.stop();
  report(kind, value);
  if (failed) return;
  failed = true;
  const delayMs = reloadDelayMs(Date.now());
  showFailure(value, delayMs);
  setTimeout(reloadWhenReachable, delayMs);
}

function isFatal(value) {
  return !running || value instanceof WebAssembly.RuntimeError;
}

function onError(event) {
  if (event.target instanceof HTMLLinkElement && event.target.rel === "stylesheet") {
    fail("asset", `The style sheet could not be loaded: ${event.target.href}`);
    return;
  }
  // Failures of other elements arrive here too; they carry no error and are not the program's.
  if (!(event instanceof ErrorEvent) || event.message.startsWith("ResizeObserver loop")) return;
  const value = event.error ?? event.message;
  if (isFatal(value)) fail("error", value);
  else report("error", value);
}

function onRejection(event) {
  if (isFatal(event.reason)) fail("rejection", event.reason);
  else report("rejection", event.reason);
}

async function start() {
  const slow = setTimeout(() => {
    const words = document.querySelector("#boot .boot-text");
    if (words) words.textContent = "Still loading…";
  }, SLOW_AFTER_MS);
  const late = setTimeout(() => {
    fail("start", `It did not arrive within ${START_WITHIN_MS / 60_000} min.`);
  }, START_WITHIN_MS);
  try {
    const wasm = fetch(new URL(WASM, import.meta.url), {
      integrity: WASM_INTEGRITY,
      credentials: "same-origin",
    });
    const program = await import("./watchfloor-console.js");
    await program.default({ module_or_path: wasm });
    running = true;
    if (!failed) document.getElementById("boot")?.remove();
  } catch (error) {
    fail("start", error);
  } finally {
    clearTimeout(slow);
    clearTimeout(late);
  }
}

// The console's panic hook sends this: after a panic every later event would panic too.
addEventListener("watchfloor-panic", (event) => fail("panic", event.detail));
// The console asks for this when it could not read what it was sent; it counts how often, and says so itself.
addEventListener("watchfloor-reload", (event) => {
  report("feed", event.detail);
  setTimeout(reloadWhenReachable, RELOAD_AFTER_MS);
});
addEventListener("error", onError, true);
addEventListener("unhandledrejection", onRejection);
start();

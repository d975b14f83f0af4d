// Appended to the generated module that fetches chunks. Without it a chunk that is asked for on a dead connection holds
// that connection for ever, and six of them hold all that a browser opens to one server: nothing else is heard again.

// The largest chunk comes in this time at 6 KB/s. It is for pages that have no feed to find dead connections by.
const LIMIT_MS = 60_000;

// The console sends the event when it has found its connections dead.
let asked = new AbortController();
addEventListener("watchfloor-renew", () => {
  asked.abort();
  asked = new AbortController();
});

function inTime() {
  return AbortSignal.any([asked.signal, AbortSignal.timeout(LIMIT_MS)]);
}

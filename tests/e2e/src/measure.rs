//! What the browser counts of a page: memory, elements, and how busy its main thread is.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::browser::Browser;

/// Before every page: notes when the board is live, which tasks were long, and the program's memory.
pub const OBSERVE: &str = "
    window.__bench = { ready: null, long: 0, longest: 0, memory: null };
    const look = () => {
        if (__bench.ready === null && document.querySelector('[data-feed-state=\"live\"]')
            && document.querySelector('[data-check], [data-product]')) __bench.ready = performance.now();
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    new PerformanceObserver((list) => {
        for (const task of list.getEntries()) {
            __bench.long += 1;
            __bench.longest = Math.max(__bench.longest, task.duration);
        }
    }).observe({ type: 'longtask', buffered: true });
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...args) => {
            const made = await original(...args);
            // Chunks that are fetched later use the program's memory and export none.
            __bench.memory ??= (made.instance ?? made).exports.memory ?? null;
            return made;
        };
    }";

/// Before every page, besides [`OBSERVE`]: counts the changes in the frames that the page has applied. It has applied
/// a frame when it answers a ping with a position at or past the frame's end, so nothing counts that was only received.
pub const COUNT_CHANGES: &str = "
    Object.assign(window.__bench, { sockets: 0, frames: 0, applied: 0, appliedFrames: 0, pongs: 0, cursor: 0, waiting: [] });
    window.WebSocket = class extends window.WebSocket {
        constructor(...args) {
            super(...args);
            __bench.sockets += 1;
            this.addEventListener('message', ({ data }) => {
                if (typeof data !== 'string' || !data.startsWith('{\"t\":\"d\"')) return;
                let changes = 0;
                for (let at = data.indexOf('{\"k\":\"'); at >= 0; at = data.indexOf('{\"k\":\"', at + 1)) changes += 1;
                __bench.frames += 1;
                __bench.waiting.push([Number(/\"s\":(\\d+)/.exec(data)[1]), changes]);
            });
        }
        send(text) {
            const pong = /^\\{\"t\":\"pong\",.*\"s\":(\\d+)/.exec(text);
            if (pong) {
                __bench.pongs += 1;
                __bench.cursor = Number(pong[1]);
                while (__bench.waiting.length > 0 && __bench.waiting[0][0] <= __bench.cursor) {
                    __bench.applied += __bench.waiting.shift()[1];
                    __bench.appliedFrames += 1;
                }
            }
            super.send(text);
        }
    };";

/// Makes every page of this browser run a script before its own.
///
/// # Errors
/// When the browser is gone.
pub async fn before_each_page(browser: &Browser, script: &str) -> Result<()> {
    let source = json!({"source": script});
    devtools(browser, "Page.addScriptToEvaluateOnNewDocument", source).await?;
    Ok(())
}

/// Asks the browser over its DevTools protocol.
///
/// # Errors
/// When it refuses.
pub async fn devtools(browser: &Browser, method: &str, params: Value) -> Result<Value> {
    browser
        .driver()
        .cdp()
        .send_raw(method, params)
        .await
        .with_context(|| method.to_owned())
}

/// A number that one of the scripts above has noted.
///
/// # Errors
/// When it was not noted.
pub async fn noted(browser: &Browser, name: &str) -> Result<f64> {
    let value = browser.script(&format!("return __bench.{name}")).await?;
    value
        .as_f64()
        .with_context(|| format!("the page has not noted `{name}`"))
}

/// The browser's own counters, after a collection of garbage. `Performance.enable` must have been said before.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    /// When, in seconds.
    pub timestamp_s: f64,
    /// How long the main thread has worked so far, in seconds.
    pub task_s: f64,
    /// The heap of JavaScript.
    pub heap_bytes: f64,
    /// The program's memory.
    pub wasm_bytes: f64,
    /// Nodes of the document, and those that are held though they are in none.
    pub nodes: f64,
    /// Listeners for events.
    pub listeners: f64,
}

impl Counters {
    /// Reads them.
    ///
    /// # Errors
    /// When the browser is gone or counts something else.
    pub async fn read(browser: &Browser) -> Result<Self> {
        devtools(browser, "HeapProfiler.collectGarbage", json!({})).await?;
        let wasm = browser
            .script("return __bench.memory ? __bench.memory.buffer.byteLength : null")
            .await?;
        let answer = devtools(browser, "Performance.getMetrics", json!({})).await?;
        let value = |name: &str| {
            let metrics = answer["metrics"].as_array().into_iter().flatten();
            metrics
                .filter(|metric| metric["name"] == name)
                .find_map(|metric| metric["value"].as_f64())
                .with_context(|| format!("the browser counts no {name}"))
        };
        Ok(Self {
            timestamp_s: value("Timestamp")?,
            task_s: value("TaskDuration")?,
            heap_bytes: value("JSHeapUsedSize")?,
            wasm_bytes: wasm.as_f64().context("the program's memory was not seen")?,
            nodes: value("Nodes")?,
            listeners: value("JSEventListeners")?,
        })
    }

    /// How much of the time since `before` the main thread was busy, in percent.
    #[must_use]
    pub fn task_pct_since(&self, before: &Self) -> f64 {
        100.0 * (self.task_s - before.task_s) / (self.timestamp_s - before.timestamp_s)
    }
}

/// By how much a value grows in a second: the slope of the line through all samples, so that one sample before and
/// one after a collection of garbage do not decide.
#[expect(
    clippy::cast_precision_loss,
    reason = "there are some hundred samples at most"
)]
#[must_use]
pub fn slope(samples: &[Counters], value: impl Fn(&Counters) -> f64) -> f64 {
    let count = samples.len() as f64;
    let mean_time = samples.iter().map(|it| it.timestamp_s).sum::<f64>() / count;
    let mean = samples.iter().map(&value).sum::<f64>() / count;
    let (mut over, mut under) = (0.0, 0.0);
    for sample in samples {
        let apart_s = sample.timestamp_s - mean_time;
        over += apart_s * (value(sample) - mean);
        under += apart_s * apart_s;
    }
    if under > 0.0 { over / under } else { 0.0 }
}

/// How many elements the document has.
///
/// # Errors
/// When the browser is gone.
pub async fn elements(browser: &Browser) -> Result<f64> {
    let script = "return document.getElementsByTagName('*').length";
    Ok(browser.script(script).await?.as_f64().unwrap_or(0.0))
}

/// Prints figures as a table and, as the last line, as JSON after what `line` holds already.
pub fn print(mut line: Value, figures: &[(&str, f64)]) {
    println!();
    for (name, value) in figures {
        println!("{name:<28}{value:>16}");
        line[*name] = json!(value);
    }
    println!("\n{line}");
}

//! A film of a page: each picture that the browser's compositor shows, also while the page itself hangs. The driver
//! cannot do that: it asks the page. This listens to the developer tools beside it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::browser::Browser;

/// Pictures are made no larger than this, in pixels: colours are looked for, not words.
const WIDTH_MAX: u32 = 480;

/// One picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// When it was shown, in seconds since 1970.
    pub at: f64,
    /// A PNG as base64.
    pub png: String,
}

/// A film that is being made.
pub struct Film {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    orders: u64,
}

impl Film {
    /// Begins a film of the browser's only page.
    ///
    /// # Errors
    /// When the developer tools cannot be had.
    pub async fn begin(browser: &Browser) -> Result<Self> {
        let list = format!("http://127.0.0.1:{}/json/list", browser.devtools_port()?);
        let client = reqwest::Client::builder().no_proxy().build()?;
        let targets: Vec<Value> = client.get(list).send().await?.json().await?;
        let page = targets.iter().find(|it| it["type"] == "page");
        let address = page
            .and_then(|it| it["webSocketDebuggerUrl"].as_str())
            .context("the browser shows no page")?;
        let (socket, _) = connect_async(address).await?;
        let mut film = Self { socket, orders: 0 };
        let params = json!({"format": "png", "maxWidth": WIDTH_MAX, "everyNthFrame": 1});
        film.order("Page.startScreencast", params).await?;
        Ok(film)
    }

    /// Takes pictures for so long; the answer is in the order in which they were shown.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn take(&mut self, span: Duration) -> Result<Vec<Picture>> {
        let until = Instant::now() + span;
        let mut pictures = Vec::new();
        while let Ok(message) = timeout_at(until, self.socket.next()).await {
            let Message::Text(text) = message.context("the browser is gone")?? else {
                continue;
            };
            let event: Value = serde_json::from_str(&text)?;
            if event["method"] != "Page.screencastFrame" {
                continue;
            }
            let params = &event["params"];
            let number = json!({"sessionId": params["sessionId"]});
            self.order("Page.screencastFrameAck", number).await?;
            pictures.push(Picture {
                at: params["metadata"]["timestamp"]
                    .as_f64()
                    .context("a picture without a time")?,
                png: params["data"].as_str().unwrap_or_default().to_owned(),
            });
        }
        // The browser packs pictures on several threads and tells of whichever is ready first.
        pictures.sort_by(|one, other| one.at.total_cmp(&other.at));
        Ok(pictures)
    }

    async fn order(&mut self, method: &str, params: Value) -> Result<()> {
        self.orders += 1;
        let order = json!({"id": self.orders, "method": method, "params": params});
        Ok(self.socket.send(Message::text(order.to_string())).await?)
    }
}

/// Shares of a picture's pixels, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colours {
    /// Those that could be taken for "well".
    pub green: f64,
    /// Those that are nearly without colour.
    pub grey: f64,
}

/// Draws the picture on a page of its own and counts.
const COUNT: &str = "
    const [png, done] = [arguments[0], arguments[arguments.length - 1]];
    const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
    createImageBitmap(new Blob([bytes], { type: 'image/png' })).then((image) => {
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, image.width, image.height);
        let green = 0, grey = 0;
        for (let at = 0; at < data.length; at += 4) {
            const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
            if (g - r > 40 && g >= b) green += 1;
            if (Math.max(r, g, b) - Math.min(r, g, b) < 24) grey += 1;
        }
        const pixels = data.length / 4;
        done([green / pixels, grey / pixels]);
    }, (error) => done(String(error)));";

/// Counts the colours of a picture. The browser leaves its page for that.
///
/// # Errors
/// When the picture cannot be read.
pub async fn colours(browser: &Browser, picture: &Picture) -> Result<Colours> {
    if browser.driver().current_url().await?.as_str() != "about:blank" {
        browser.driver().goto("about:blank").await?;
    }
    let answer = browser
        .driver()
        .execute_async(COUNT, vec![json!(picture.png)])
        .await?;
    match answer.json().as_array().map(Vec::as_slice) {
        Some([green, grey]) => Ok(Colours {
            green: green.as_f64().unwrap_or(1.0),
            grey: grey.as_f64().unwrap_or(0.0),
        }),
        _ => bail!("the picture cannot be read: {}", answer.json()),
    }
}

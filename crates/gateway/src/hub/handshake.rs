//! From an HTTP request to a WebSocket (RFC 6455, 4.2).

use axum::body::Body;
use bytes::Bytes;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::buffers;
use super::link::WebSocket;

/// A request that asked for a WebSocket as it should.
#[derive(Debug)]
pub struct Handshake {
    accept: HeaderValue,
    upgrade: OnUpgrade,
}

/// A connection after its handshake, which nobody waits for yet.
#[derive(Debug)]
pub struct Upgraded {
    stream: std::net::TcpStream,
    early: Bytes,
}

impl Upgraded {
    /// The socket, waited for by the threads of the present task.
    ///
    /// # Errors
    /// When the system refuses to watch the connection, or to bound what it holds for it.
    pub fn open(self) -> std::io::Result<WebSocket> {
        let stream = TcpStream::from_std(self.stream)?;
        buffers::bound(&stream)?;
        Ok(WebSocket::new(stream, &self.early))
    }
}

/// What is missing in a request, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoWebSocket(pub &'static str);

impl Handshake {
    /// Looks at a request.
    ///
    /// # Errors
    /// [`NoWebSocket`] with what is missing.
    pub fn of<B>(mut request: Request<B>) -> Result<Self, NoWebSocket> {
        if request.version() < Version::HTTP_11 {
            return Err(NoWebSocket("HTTP/1.1 is needed"));
        }
        let headers = request.headers();
        if !names(headers, &CONNECTION, "upgrade") {
            return Err(NoWebSocket("the header `Connection: Upgrade` is missing"));
        }
        if !names(headers, &UPGRADE, "websocket") {
            return Err(NoWebSocket("the header `Upgrade: websocket` is missing"));
        }
        if headers
            .get(SEC_WEBSOCKET_VERSION)
            .is_none_or(|it| it != "13")
        {
            return Err(NoWebSocket("the header `Sec-WebSocket-Version` is not 13"));
        }
        let key = headers
            .get(SEC_WEBSOCKET_KEY)
            .ok_or(NoWebSocket("the header `Sec-WebSocket-Key` is missing"))?;
        let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
            .map_err(|_| NoWebSocket("the header `Sec-WebSocket-Key` is not one"))?;
        let upgrade = request
            .extensions_mut()
            .remove::<OnUpgrade>()
            .ok_or(NoWebSocket("the connection cannot be upgraded"))?;
        Ok(Self { accept, upgrade })
    }

    /// The answer, and the connection once the answer was sent; `None` when it ended meanwhile.
    pub fn accept(
        self,
        subprotocol: &'static str,
    ) -> (
        Response<Body>,
        impl Future<Output = Option<Upgraded>> + Send,
    ) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        let subprotocol = HeaderValue::from_static(subprotocol);
        headers.insert(SEC_WEBSOCKET_PROTOCOL, subprotocol);
        (response, upgraded(self.upgrade))
    }
}

/// The connection itself, out of the server's hands: the server's buffers are given back, and other threads may wait
/// for it from here on.
async fn upgraded(upgrade: OnUpgrade) -> Option<Upgraded> {
    let upgraded = upgrade.await.ok()?;
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    Some(Upgraded {
        stream: parts.io.into_inner().into_std().ok()?,
        early: parts.read_buf,
    })
}

/// Whether a header that is a list names the word.
fn names(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .any(|it| it.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::Handshake;

    #[test]
    fn each_missing_part_is_named() {
        let whole = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        for missing in 0..whole.len() {
            let mut request = Request::new(());
            for (index, (name, value)) in whole.into_iter().enumerate() {
                if index != missing {
                    request.headers_mut().insert(name, value.parse().unwrap());
                }
            }
            let said = Handshake::of(request).unwrap_err().0.to_ascii_lowercase();
            assert!(said.contains(whole[missing].0), "{said}");
        }
    }
}

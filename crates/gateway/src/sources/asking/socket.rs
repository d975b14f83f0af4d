//! Asking a WebSocket server: handshake with an origin, an echo if one is awaited, an orderly close.

use futures_util::{SinkExt, StreamExt};
use http::header::{HeaderValue, ORIGIN, USER_AGENT};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::sources::answer::{Failure, SocketAnswer};
use crate::sources::plan::Probe;

/// The largest message that is read.
const MESSAGE_BYTES: usize = 64 * 1_024;
/// How many other messages may come before the echo: servers like to greet.
const MESSAGES_BEFORE_ECHO: usize = 16;

pub(super) async fn ask<S>(stream: S, probe: &Probe) -> Result<SocketAnswer, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES))
        .max_frame_size(Some(MESSAGE_BYTES));
    let request = request(probe)?;
    let mut socket = match client_async_with_config(request, stream, Some(limits)).await {
        Ok((socket, _)) => socket,
        Err(Error::Http(response)) => {
            let status = response.status().as_u16();
            return Ok(SocketAnswer::Refused { status });
        }
        Err(error) => return Err(failure(error)),
    };
    let answer = match probe.config.echo.as_deref() {
        Some(text) => echo(&mut socket, text).await?,
        None => SocketAnswer::Opened,
    };
    // Whether the server says goodbye too does not matter: what was asked for was answered.
    let _ = socket.close(None).await;
    Ok(answer)
}

fn request(probe: &Probe) -> Result<Request, Failure> {
    let malformed = |why: String| Failure::Other { why };
    let mut request = probe.url.as_str().into_client_request().map_err(failure)?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(super::USER_AGENT));
    if let Some(origin) = probe.config.origin.as_deref() {
        let origin = HeaderValue::from_str(origin).map_err(|it| malformed(it.to_string()))?;
        headers.insert(ORIGIN, origin);
    }
    Ok(request)
}

async fn echo<S>(socket: &mut WebSocketStream<S>, text: &str) -> Result<SocketAnswer, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let sent = socket.send(Message::text(text)).await;
    sent.map_err(failure)?;
    for _ in 0..MESSAGES_BEFORE_ECHO {
        match socket.next().await {
            Some(Ok(Message::Text(back))) if back.as_str() == text => {
                return Ok(SocketAnswer::Opened);
            }
            Some(Ok(Message::Close(_))) | None => return Ok(SocketAnswer::NoEcho),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(failure(error)),
        }
    }
    Ok(SocketAnswer::NoEcho)
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Io(error) => error.into(),
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Failure::Closed,
        other => Failure::Protocol {
            why: other.to_string(),
        },
    }
}

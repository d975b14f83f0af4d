//! One mail over SMTP. The library speaks the protocol; the connection is made here, so that the server's address is
//! the one that was checked.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use watchfloor_wire::time::UnixMs;

use super::MailWay;
use super::http::try_error;
use super::starttls;
use crate::config::channel::MailTls;
use crate::notify::outbox::Notification;
use crate::notify::outcome::TryError;
use crate::notify::render::mail::Mail;
use crate::sources::answer::Failure;
use crate::sources::asking::Network;
use crate::sources::asking::tls::Trust;
use crate::sources::wording::clean;

pub(super) async fn send(
    network: &Arc<Network>,
    trust: &Trust,
    way: &MailWay,
    row: &Notification,
    mail: &Mail,
    now: UnixMs,
) -> Result<(), TryError> {
    let message = message(way, row, mail, now)?;
    let mut server = connect(network, trust, way).await?;
    if let Some((account, password)) = &way.credentials {
        let credentials = Credentials::new(account.clone(), password.reveal().to_owned());
        let signed_in = server.auth(DEFAULT_MECHANISMS, &credentials).await;
        signed_in.map_err(|error| refused(&error, "signing in failed"))?;
    }
    let sent = server.send(message.envelope(), &message.formatted()).await;
    sent.map_err(|error| refused(&error, "it was not taken"))?;
    // It is taken; a server that cannot say good-bye has it nevertheless.
    let _ = server.quit().await;
    Ok(())
}

async fn connect(
    network: &Arc<Network>,
    trust: &Trust,
    way: &MailWay,
) -> Result<AsyncSmtpConnection, TryError> {
    network
        .judge(&way.server)
        .await
        .map_err(|it| try_error(&it))?;
    let stream = network
        .connect(&way.peer)
        .await
        .map_err(|it| try_error(&it))?;
    let hello = ClientId::default();
    let stream: Box<dyn AsyncTokioStream> = match way.tls {
        MailTls::None => Box::new(stream),
        MailTls::Tls => Box::new(encrypted(trust, stream, way, b"").await?),
        MailTls::Starttls => {
            let stream = starttls::begin(stream, &hello).await?;
            Box::new(encrypted(trust, stream, way, GREETED).await?)
        }
    };
    let connected = AsyncSmtpConnection::connect_with_transport(stream, &hello).await;
    connected.map_err(|error| refused(&error, "the server does not answer"))
}

/// What the library is told in the place of a greeting that came before TLS.
const GREETED: &[u8] = b"220 greeted before TLS\r\n";

async fn encrypted(
    trust: &Trust,
    stream: TcpStream,
    way: &MailWay,
    greeting: &'static [u8],
) -> Result<Encrypted, TryError> {
    let wrapped = trust.wrap(stream, &way.peer.host).await;
    // It may pass: a certificate is renewed, and whoever stood in the way is gone.
    let why = |failure: Failure| starttls::not_private(&failure.to_string());
    let stream = wrapped.map_err(|failure| TryError::passing(why(failure)))?;
    Ok(Encrypted { greeting, stream })
}

fn message(
    way: &MailWay,
    row: &Notification,
    mail: &Mail,
    now: UnixMs,
) -> Result<Message, TryError> {
    let unwritable = |error: &dyn std::fmt::Display| {
        TryError::lasting(format!("the mail cannot be written: {error}"))
    };
    let domain = way.from.email.domain();
    let since_epoch = Duration::from_millis(u64::try_from(now.0).unwrap_or_default());
    let mut builder = Message::builder()
        .from(way.from.clone())
        .subject(mail.subject.clone())
        .date(UNIX_EPOCH + since_epoch)
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        .header(ContentType::TEXT_PLAIN);
    if let Some(thread) = &mail.thread {
        builder = builder.references(format!("<{thread}@{domain}>"));
    }
    builder = raw(
        builder,
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated",
    );
    let id = HeaderName::new_from_ascii_str("X-Watchfloor-Notification");
    builder = raw(builder, id, &mail.id);
    let recipients = recipients(way, row);
    if recipients.is_empty() {
        return Err(TryError::lasting(
            "nobody gets it: the step names no e-mail address".to_owned(),
        ));
    }
    for to in recipients {
        builder = builder.to(to);
    }
    builder
        .body(mail.text.clone())
        .map_err(|error| unwritable(&error))
}

fn raw(builder: MessageBuilder, name: HeaderName, value: &str) -> MessageBuilder {
    builder.raw_header(HeaderValue::new(name, value.to_owned()))
}

/// Who gets it: the channel's own, and the contact of the step when it is an address and nobody of those.
fn recipients(way: &MailWay, row: &Notification) -> Vec<Mailbox> {
    let mut recipients = way.to.clone();
    let contact = row.facts.as_ref().map(|it| it.contact.as_str());
    let contact = contact
        .filter(|_| way.to_contact)
        .and_then(|it| it.parse::<Mailbox>().ok());
    if let Some(contact) = contact
        && !recipients.iter().any(|it| it.email == contact.email)
    {
        recipients.push(contact);
    }
    recipients
}

/// What the server, or the way to it, says. A server's 5xx is its last word.
fn refused(error: &lettre::transport::smtp::Error, what: &str) -> TryError {
    let why = format!("{what}: {}", clean(&error.to_string()));
    if error.is_permanent() {
        TryError::lasting(why)
    } else {
        TryError::passing(why)
    }
}

/// A connection that is TLS from here on, with what is read before anything that the server says.
#[derive(Debug)]
struct Encrypted {
    greeting: &'static [u8],
    stream: TlsStream<TcpStream>,
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.greeting.is_empty() {
            let (now, later) = self
                .greeting
                .split_at(self.greeting.len().min(buffer.remaining()));
            buffer.put_slice(now);
            self.greeting = later;
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

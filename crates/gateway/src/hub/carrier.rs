//! A way to a client that is no network of this machine: simulation puts one that a schedule rules in its place.

use std::fmt;
use std::future::poll_fn;
use std::io::Result;
use std::task::{Context, Poll};

use watchfloor_wire::feed::MAX_CLIENT_FRAME_BYTES;

use super::link::Incoming;

/// Carries texts in both directions, each direction in order.
pub trait Carrier: fmt::Debug + Send + Sync {
    /// The client's next text; `None` once it is gone.
    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<String>>;

    /// Sends a text; true when it was taken, else [`Self::poll_flush`] waits until it is.
    ///
    /// # Errors
    /// When the client is gone.
    fn send(&mut self, text: &str) -> Result<bool>;

    /// Waits until what was sent is taken.
    ///
    /// # Errors
    /// When the client is gone.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>>;

    /// Says why it ends; as [`Self::send`].
    ///
    /// # Errors
    /// When the client is gone.
    fn send_close(&mut self, code: u16) -> Result<bool>;
}

pub(super) async fn recv(carrier: &mut dyn Carrier) -> Incoming {
    match poll_fn(|cx| carrier.poll_recv(cx)).await {
        None => Incoming::Gone,
        Some(text) if text.len() > MAX_CLIENT_FRAME_BYTES => {
            Incoming::Malformed("the message is too long")
        }
        Some(text) => match serde_json::from_str(&text) {
            Ok(message) => Incoming::Message(message),
            Err(_) => Incoming::Malformed("not a message of this protocol"),
        },
    }
}

pub(super) async fn close(carrier: &mut dyn Carrier, code: u16) -> Result<()> {
    carrier.send_close(code)?;
    poll_fn(|cx| carrier.poll_flush(cx)).await?;
    while poll_fn(|cx| carrier.poll_recv(cx)).await.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::task::Waker;

    use tokio::sync::watch;
    use watchfloor_wire::feed::{PipelineAges, close};
    use watchfloor_wire::session::Role;
    use watchfloor_wire::time::UnixMs;

    use super::super::context::{Access, Backlog, BacklogFuture, FeedContext, Visitor};
    use super::super::doubles::{Log, committed, reading, upsert};
    use super::super::{Hub, Link};
    use super::*;
    use crate::clock::Clock;
    use crate::store::Head;

    /// A client that says hello and takes so many messages at first.
    #[derive(Clone, Debug, Default)]
    struct Client(Arc<Mutex<Inside>>);

    #[derive(Debug, Default)]
    struct Inside {
        hello: Option<String>,
        room: usize,
        told: Vec<String>,
        waits: Option<(String, Option<Waker>)>,
        closed: Option<u16>,
    }

    impl Client {
        fn at(s: u64, room: usize) -> Self {
            let hello = format!(
                r#"{{"t":"hello","v":1,"kind":"console","build":"","cursor":{{"e":"E","s":{s}}}}}"#
            );
            Self(Arc::new(Mutex::new(Inside {
                hello: Some(hello),
                room,
                ..Inside::default()
            })))
        }

        fn tags(&self) -> Vec<String> {
            let told = self.0.lock().unwrap().told.clone();
            let tag = |text: &String| {
                let json: serde_json::Value = serde_json::from_str(text).unwrap();
                json["t"].as_str().unwrap().to_owned()
            };
            told.iter().map(tag).collect()
        }

        fn make_room(&self) {
            let mut inside = self.0.lock().unwrap();
            inside.room = 100;
            if let Some((_, Some(waker))) = &inside.waits {
                waker.wake_by_ref();
            }
        }
    }

    impl Carrier for Client {
        fn poll_recv(&mut self, _: &mut Context<'_>) -> Poll<Option<String>> {
            let mut inside = self.0.lock().unwrap();
            match inside.hello.take() {
                Some(hello) => Poll::Ready(Some(hello)),
                None if inside.closed.is_some() => Poll::Ready(None),
                None => Poll::Pending,
            }
        }

        fn send(&mut self, text: &str) -> Result<bool> {
            let mut inside = self.0.lock().unwrap();
            if inside.room == 0 {
                inside.waits = Some((text.to_owned(), None));
                return Ok(false);
            }
            inside.room -= 1;
            inside.told.push(text.to_owned());
            Ok(true)
        }

        fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
            let mut inside = self.0.lock().unwrap();
            match inside.waits.take() {
                Some((text, _)) if inside.room == 0 => {
                    inside.waits = Some((text, Some(cx.waker().clone())));
                    Poll::Pending
                }
                Some((text, _)) => {
                    inside.told.push(text);
                    Poll::Ready(Ok(()))
                }
                None => Poll::Ready(Ok(())),
            }
        }

        fn send_close(&mut self, code: u16) -> Result<bool> {
            self.0.lock().unwrap().closed = Some(code);
            Ok(true)
        }
    }

    /// A session, and what ends it.
    #[derive(Clone)]
    struct Session {
        access: Arc<Mutex<Access>>,
        changed: watch::Sender<u64>,
    }

    impl Session {
        fn new() -> Self {
            Self {
                access: Arc::new(Mutex::new(Access::Granted(Role::Viewer))),
                changed: watch::Sender::new(0),
            }
        }

        fn set(&self, access: Access) {
            *self.access.lock().unwrap() = access;
            self.changed.send_modify(|count| *count += 1);
        }

        fn context(&self, backlog: impl Backlog + 'static) -> FeedContext {
            let access = Arc::clone(&self.access);
            FeedContext {
                ages: Arc::new(PipelineAges::default),
                backlog: Arc::new(backlog),
                access: Arc::new(move || *access.lock().unwrap()),
                revoked: self.changed.subscribe(),
            }
        }
    }

    fn visitor() -> Visitor {
        Visitor {
            account: "ann".to_owned(),
            address: None,
            role: Role::Viewer,
            expires_at: UnixMs(i64::MAX),
        }
    }

    fn hub(seq: u64) -> Hub {
        let head = Head {
            epoch: "E".to_owned(),
            seq,
        };
        Hub::new(head, Vec::new(), String::new(), Clock::manual(UnixMs(0)))
    }

    /// Lets the connection do what it can.
    async fn until(mut is_so: impl FnMut() -> bool) {
        for _ in 0..1_000 {
            if is_so() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("it never became so");
    }

    /// A client whose network has no room after a welcome and one frame, while two more frames are due.
    async fn stuck(session: &Session) -> Client {
        let hub = hub(0);
        for v in 1..=3 {
            let op = upsert(v, &reading(1, 1.0));
            hub.publish(&committed(v - 1, vec![op]));
        }
        let client = Client::at(0, 2);
        let link = Link::Carried(Box::new(client.clone()));
        let context = session.context(Log::default());
        tokio::spawn(async move { hub.serve(link, visitor(), context).await });
        let waits = client.clone();
        until(move || waits.0.lock().unwrap().waits.is_some()).await;
        client
    }

    #[tokio::test]
    async fn a_client_that_takes_frames_slowly_gets_no_more_once_its_session_is_ended() {
        let session = Session::new();
        let client = stuck(&session).await;
        session.set(Access::Revoked);
        client.make_room();
        let closes = client.clone();
        until(move || closes.0.lock().unwrap().closed.is_some()).await;
        assert_eq!(client.0.lock().unwrap().closed, Some(close::REVOKED));
        // The frame that was being written, and nothing after it.
        assert_eq!(client.tags(), ["welcome", "d", "d"]);
    }

    #[tokio::test]
    async fn frames_for_another_role_are_not_sent_on_after_a_wait() {
        let session = Session::new();
        let client = stuck(&session).await;
        session.set(Access::Granted(Role::Display));
        client.make_room();
        let told = client.clone();
        until(move || told.tags().len() == 4).await;
        assert_eq!(client.tags(), ["welcome", "d", "d", "reset"]);
    }

    /// A feed log that takes so long to read that the session ends meanwhile.
    struct Slow(Log, Session);

    impl Backlog for Slow {
        fn after(&self, seq: u64, limit: usize) -> BacklogFuture<'_> {
            self.1.set(Access::Revoked);
            self.0.after(seq, limit)
        }
    }

    #[tokio::test]
    async fn who_is_there_is_asked_again_after_the_disk_was_read() {
        let session = Session::new();
        let log = Log::default();
        log.add(&[upsert(1, &reading(1, 1.0)), upsert(2, &reading(1, 2.0))]);
        let client = Client::at(0, 100);
        let link = Link::Carried(Box::new(client.clone()));
        let context = session.context(Slow(log, session.clone()));
        hub(2).serve(link, visitor(), context).await;
        assert_eq!(client.0.lock().unwrap().closed, Some(close::REVOKED));
        assert_eq!(client.tags(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_cursor_of_another_role_is_not_continued() {
        let display = super::super::audience::Audience::Display.epoch("E");
        let client = Client::at(0, 100);
        let hello = client.0.lock().unwrap().hello.take().unwrap();
        let hello = hello.replace("\"e\":\"E\"", &format!("\"e\":\"{display}\""));
        client.0.lock().unwrap().hello = Some(hello);
        let link = Link::Carried(Box::new(client.clone()));
        let context = Session::new().context(Log::default());
        tokio::spawn(async move { hub(0).serve(link, visitor(), context).await });
        let told = client.clone();
        until(move || !told.tags().is_empty()).await;
        assert!(client.0.lock().unwrap().told[0].contains("\"why\":\"acl\""));
    }
}

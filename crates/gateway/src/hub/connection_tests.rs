//! The feed over real sockets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::routing::get;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_util::sync::CancellationToken;
use watchfloor_wire::feed::{
    ClientMessage, Cursor, PipelineAges, SUBPROTOCOL, ServerMessage, close,
};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

use super::audience::Audience;
use super::context::{Access, FeedContext, Visitor};
use super::doubles::{Log, committed, error_group, reading, upsert};
use super::handshake::Handshake;
use super::heartbeat::Timing;
use super::{Hub, HubLimits, Link};
use crate::clock::Clock;
use crate::http_server;
use crate::store::Head;

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

#[derive(Clone)]
struct Gateway {
    hub: Hub,
    address: String,
    visitor: Arc<Mutex<Visitor>>,
    access: Arc<Mutex<Access>>,
    revoked: watch::Sender<u64>,
    log: Log,
}

impl Gateway {
    async fn start(role: Role, change: impl FnOnce(&mut HubLimits)) -> Self {
        let mut limits = HubLimits::default();
        change(&mut limits);
        let head = Head {
            epoch: "E".to_owned(),
            seq: 0,
        };
        let hub = Hub::with_limits(head, Vec::new(), "b1".to_owned(), Clock::system(), limits);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self {
            hub,
            address: format!("ws://{}/", listener.local_addr().unwrap()),
            visitor: Arc::new(Mutex::new(Visitor {
                account: "ann".to_owned(),
                address: None,
                role,
                expires_at: UnixMs(i64::MAX),
            })),
            access: Arc::new(Mutex::new(Access::Granted(role))),
            revoked: watch::Sender::new(0),
            log: Log::default(),
        };
        let router = Router::new()
            .route("/", get(upgrade))
            .with_state(gateway.clone());
        tokio::spawn(http_server::serve(
            listener,
            router,
            http_server::ServerLimits::default(),
            CancellationToken::new(),
            Duration::ZERO,
        ));
        gateway
    }

    fn context(&self) -> FeedContext {
        let access = Arc::clone(&self.access);
        FeedContext {
            ages: Arc::new(PipelineAges::default),
            backlog: Arc::new(self.log.clone()),
            access: Arc::new(move || *access.lock().unwrap()),
            revoked: self.revoked.subscribe(),
        }
    }

    /// Commits a reading and an error group.
    fn commit(&self, value: f64, title_bytes: usize) {
        let from = self.hub.head().seq;
        let ops = vec![
            upsert(from + 1, &reading(1, value)),
            upsert(from + 2, &error_group(1, title_bytes)),
        ];
        self.log.add(&ops);
        self.hub.publish(&committed(from, ops));
    }

    async fn connect(&self) -> Client {
        let mut request = self.address.as_str().into_client_request().unwrap();
        let subprotocol = SUBPROTOCOL.parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", subprotocol);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Client(socket)
    }

    async fn live(&self, s: u64) -> Client {
        let mut client = self.connect().await;
        client.hello("E", s).await;
        let ServerMessage::Welcome(welcome) = client.next().await else {
            panic!("no welcome");
        };
        assert_eq!(welcome.build, "b1");
        client
    }
}

async fn upgrade(State(gateway): State<Gateway>, request: Request) -> axum::response::Response {
    let (response, socket) = Handshake::of(request).unwrap().accept(SUBPROTOCOL);
    tokio::spawn(async move {
        let socket = socket.await.unwrap().open().unwrap();
        let visitor = gateway.visitor.lock().unwrap().clone();
        let context = gateway.context();
        gateway
            .hub
            .serve(Link::Socket(socket), visitor, context)
            .await;
    });
    response
}

struct Client(Socket);

impl Client {
    async fn say(&mut self, text: String) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    async fn hello(&mut self, e: &str, s: u64) {
        self.hello_in(1, e, s).await;
    }

    async fn hello_as(&mut self, kind: &str, e: &str, s: u64) {
        self.hello_with(1, kind, e, s).await;
    }

    async fn hello_in(&mut self, v: u32, e: &str, s: u64) {
        self.hello_with(v, "console", e, s).await;
    }

    async fn hello_with(&mut self, v: u32, kind: &str, e: &str, s: u64) {
        let hello = ClientMessage::Hello {
            v,
            kind: kind.to_owned(),
            build: "b1".to_owned(),
            cursor: Cursor { e: e.to_owned(), s },
        };
        self.say(serde_json::to_string(&hello).unwrap()).await;
    }

    /// The next message; pings are answered and passed by.
    async fn next(&mut self) -> ServerMessage {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Text(text) => match ServerMessage::decode(&text).unwrap() {
                    ServerMessage::Ping(ping) => {
                        let pong = ClientMessage::Pong {
                            n: ping.n,
                            s: ping.s,
                            h: None,
                        };
                        self.say(serde_json::to_string(&pong).unwrap()).await;
                    }
                    message => return message,
                },
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn frame_keys(&mut self) -> Vec<String> {
        let ServerMessage::Frame(frame) = self.next().await else {
            panic!("not a frame");
        };
        let keys = frame.ops.iter().map(|op| op.k.to_string());
        keys.collect()
    }

    async fn reset_why(&mut self) -> String {
        match self.next().await {
            ServerMessage::Reset(reset) => reset.why,
            other => panic!("{other:?}"),
        }
    }

    /// The close code; everything before it is passed by, unanswered.
    async fn close_code(&mut self) -> u16 {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Close(Some(frame)) => return frame.code.into(),
                Message::Close(None) => panic!("no code"),
                _ => {}
            }
        }
    }
}

fn short(timing: &mut Timing) {
    timing.hello_ms = 50;
    timing.ping_every_ms = 20;
    timing.dead_after_ms = 100;
}

#[tokio::test]
async fn what_is_committed_reaches_a_live_client_in_order() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    gateway.commit(1.0, 5);
    let mut client = gateway.live(2).await;
    gateway.commit(2.0, 5);
    assert_eq!(client.frame_keys().await, ["reading/a.b.1", "error/e1"]);
    gateway.commit(3.0, 5);
    assert_eq!(client.frame_keys().await.len(), 2);
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    gateway.commit(1.0, 5);
    gateway.commit(2.0, 5);
    let mut client = gateway.connect().await;
    client.hello("E", 2).await;
    assert!(matches!(client.next().await, ServerMessage::Welcome(it) if it.replayed == 2));
    assert!(matches!(client.next().await, ServerMessage::Frame(it) if it.f == 2 && it.s == 4));
}

#[tokio::test]
async fn what_left_the_ring_comes_from_the_backlog() {
    let gateway = Gateway::start(Role::Viewer, |limits| limits.ring.events = 2).await;
    for value in 0..4 {
        gateway.commit(f64::from(value), 5);
    }
    let mut client = gateway.live(1).await;
    assert!(matches!(client.next().await, ServerMessage::Frame(it) if it.f == 1 && it.s == 6));
    assert!(matches!(client.next().await, ServerMessage::Frame(it) if it.f == 6 && it.s == 8));
}

#[tokio::test]
async fn a_display_gets_frames_without_error_texts() {
    let gateway = Gateway::start(Role::Display, |_| {}).await;
    let mut client = gateway.connect().await;
    client.hello(&Audience::Display.epoch("E"), 0).await;
    assert!(matches!(client.next().await, ServerMessage::Welcome(_)));
    gateway.commit(1.0, 5);
    assert_eq!(client.frame_keys().await, ["reading/a.b.1"]);
}

#[tokio::test]
async fn another_history_is_reset_and_the_socket_goes_on_after_a_new_hello() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let mut client = gateway.connect().await;
    client.hello("other", 0).await;
    assert_eq!(client.reset_why().await, "epoch");
    client.hello("E", 7).await;
    assert_eq!(client.reset_why().await, "ahead");
    client.hello("E", 0).await;
    assert!(matches!(client.next().await, ServerMessage::Welcome(_)));
    gateway.commit(1.0, 5);
    assert_eq!(client.frame_keys().await.len(), 2);
}

#[tokio::test]
async fn what_no_client_of_ours_says_closes_the_socket() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let cases = [
        ("{}".to_owned(), close::MALFORMED),
        ("[[[".to_owned(), close::MALFORMED),
        (format!("\"{}\"", "x".repeat(5_000)), close::MALFORMED),
        (format!("\"{}\"", "x".repeat(50_000)), close::MALFORMED),
    ];
    for (text, code) in cases {
        let mut client = gateway.connect().await;
        client.say(text).await;
        assert_eq!(client.close_code().await, code);
    }
    let mut client = gateway.connect().await;
    client.hello_in(2, "E", 0).await;
    assert_eq!(client.close_code().await, close::VERSION);
}

#[tokio::test]
async fn a_client_that_says_nothing_is_closed() {
    let gateway = Gateway::start(Role::Viewer, |limits| short(&mut limits.timing)).await;
    let mut client = gateway.connect().await;
    assert_eq!(client.close_code().await, close::NO_PONG);
    let mut client = gateway.live(0).await;
    assert_eq!(client.close_code().await, close::NO_PONG);
}

#[tokio::test]
async fn an_ended_session_ends_its_socket() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let mut client = gateway.live(0).await;
    *gateway.access.lock().unwrap() = Access::Revoked;
    gateway.revoked.send_replace(1);
    assert_eq!(client.close_code().await, close::REVOKED);
}

#[tokio::test]
async fn a_session_that_ran_out_needs_a_new_ticket() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    gateway.visitor.lock().unwrap().expires_at = UnixMs(1);
    let mut client = gateway.connect().await;
    assert_eq!(client.close_code().await, close::TICKET);
}

#[tokio::test]
async fn a_role_that_sees_less_is_reset_before_the_next_frame() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let mut client = gateway.live(0).await;
    *gateway.access.lock().unwrap() = Access::Granted(Role::Display);
    gateway.revoked.send_replace(1);
    assert_eq!(client.reset_why().await, "acl");
    // What it knows was made for another role.
    client.hello("E", 0).await;
    assert_eq!(client.reset_why().await, "acl");
    client.hello(&Audience::Display.epoch("E"), 0).await;
    assert!(matches!(client.next().await, ServerMessage::Welcome(_)));
    gateway.commit(1.0, 5);
    assert_eq!(client.frame_keys().await, ["reading/a.b.1"]);
}

#[tokio::test]
async fn ingest_keys_have_no_feed_and_accounts_have_a_limit() {
    let gateway = Gateway::start(Role::Viewer, |limits| limits.seats.per_account = 1).await;
    let _first = gateway.live(0).await;
    let mut second = gateway.connect().await;
    assert_eq!(second.close_code().await, close::LIMIT);
    gateway.visitor.lock().unwrap().role = Role::Ingest;
    let mut third = gateway.connect().await;
    assert_eq!(third.close_code().await, close::REVOKED);
}

#[tokio::test]
async fn a_shutdown_says_when_to_come_back() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let mut client = gateway.live(0).await;
    gateway.hub.shut_down();
    assert!(matches!(client.next().await, ServerMessage::Bye(bye) if bye.after[0] < bye.after[1]));
    assert_eq!(client.close_code().await, close::GOING_AWAY);
    drop(client);
    gateway.hub.drained().await;
    assert_eq!(gateway.hub.clients(), 0);
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_let_go_and_others_are_not_held_up() {
    let gateway = Gateway::start(Role::Viewer, |limits| limits.timing.write_ms = 2_000).await;
    let stuck = gateway.live(0).await;
    let mut reader = gateway.live(0).await;
    let mut value = 0.0;
    while gateway.hub.clients() == 2 {
        value += 1.0;
        gateway.commit(value, 100_000);
        assert!(!reader.frame_keys().await.is_empty());
        tokio::task::yield_now().await;
    }
    drop(stuck);
    gateway.commit(0.5, 5);
    assert!(!reader.frame_keys().await.is_empty());
}

#[tokio::test]
async fn an_address_has_a_limit_of_its_own() {
    let gateway = Gateway::start(Role::Viewer, |limits| limits.seats.per_address = 1).await;
    gateway.visitor.lock().unwrap().address = Some([10, 0, 0, 1].into());
    let _first = gateway.live(0).await;
    let mut second = gateway.connect().await;
    assert_eq!(second.close_code().await, close::LIMIT);
    gateway.visitor.lock().unwrap().address = Some([10, 0, 0, 2].into());
    let _third = gateway.live(0).await;
}

#[tokio::test]
async fn a_client_that_talks_without_end_is_closed() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let mut client = gateway.live(0).await;
    for _ in 0..101 {
        client
            .say("{\"t\":\"pong\",\"n\":1,\"s\":0}".to_owned())
            .await;
    }
    assert_eq!(client.close_code().await, close::MALFORMED);
}

#[tokio::test]
async fn a_wall_gets_the_newest_value_of_each_key_in_ranges_that_join() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let mut client = gateway.connect().await;
    client.hello_as("wall", "E", 0).await;
    assert!(matches!(client.next().await, ServerMessage::Welcome(_)));
    for value in 0..40 {
        gateway.commit(f64::from(value), 5);
    }
    let (mut cursor, mut frames) = (0, 0);
    while cursor < 80 {
        let ServerMessage::Frame(frame) = client.next().await else {
            panic!("not a frame");
        };
        assert_eq!(frame.f, cursor);
        let keys: std::collections::BTreeSet<_> = frame.ops.iter().map(|op| &op.k).collect();
        assert_eq!(keys.len(), frame.ops.len(), "a key twice in one frame");
        (cursor, frames) = (frame.s, frames + 1);
    }
    assert!(frames < 20, "{frames} frames for 40 changes");
}

#[tokio::test]
async fn another_epoch_resets_everybody() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    gateway.commit(1.0, 5);
    let mut client = gateway.live(2).await;
    let head = Head {
        epoch: "F".to_owned(),
        seq: 2,
    };
    gateway.hub.begin_epoch(&head);
    assert_eq!(client.reset_why().await, "epoch");
    client.hello("F", 2).await;
    assert!(matches!(client.next().await, ServerMessage::Welcome(it) if it.e == "F"));
    gateway.commit(2.0, 5);
    assert_eq!(client.frame_keys().await.len(), 2);
}

#[tokio::test]
async fn a_client_that_is_ahead_proves_a_loss_once() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let mut lost = gateway.hub.lost_changes();
    let mut client = gateway.connect().await;
    client.hello("E", 7).await;
    assert_eq!(client.reset_why().await, "ahead");
    let proof = lost.borrow_and_update().unwrap();
    assert_eq!((proof.known, proof.head), (7, 0));
    client.hello("E", 8).await;
    assert_eq!(client.reset_why().await, "ahead");
    assert!(!lost.has_changed().unwrap());
}

#[tokio::test]
async fn a_client_that_closes_gets_its_code_back() {
    let gateway = Gateway::start(Role::Viewer, |_| {}).await;
    let mut client = gateway.live(0).await;
    let frame = CloseFrame {
        code: 1000.into(),
        reason: "done".into(),
    };
    client.0.close(Some(frame)).await.unwrap();
    assert_eq!(client.close_code().await, 1000);
    assert!(client.0.next().await.is_none());
    gateway.hub.drained().await;
}

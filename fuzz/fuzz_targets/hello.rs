//! Cursors: a client says hello with anything, and is welcomed, told to start anew, or closed.
#![no_main]

use std::collections::VecDeque;
use std::io::Result;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use libfuzzer_sys::fuzz_target;
use tokio::sync::watch;
use watchfloor_gateway::change::Committed;
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::hub::carrier::Carrier;
use watchfloor_gateway::hub::{Access, FeedContext, Hub, Link, NoBacklog, Visitor};
use watchfloor_gateway::store::Head;
use watchfloor_wire::entity::Key;
use watchfloor_wire::feed::{Op, PipelineAges, ServerMessage};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

/// Says what it was given, then goes; what it is told is kept.
#[derive(Debug)]
struct Said(VecDeque<String>, Arc<Mutex<Vec<String>>>);

impl Carrier for Said {
    fn poll_recv(&mut self, _: &mut Context<'_>) -> Poll<Option<String>> {
        Poll::Ready(self.0.pop_front())
    }

    fn send(&mut self, text: &str) -> Result<bool> {
        self.1
            .lock()
            .expect("nothing panics in between")
            .push(text.to_owned());
        Ok(true)
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn send_close(&mut self, _: u16) -> Result<bool> {
        Ok(true)
    }
}

fn hub() -> Hub {
    let head = Head {
        epoch: "E".to_owned(),
        seq: 0,
    };
    let hub = Hub::new(head, Vec::new(), String::new(), Clock::manual(UnixMs(0)));
    for v in 1..=3 {
        let k = Key::from_wire(format!("check/a.{v}"));
        hub.publish(&Committed {
            from: v - 1,
            to: v,
            ops: vec![Op { k, v, p: None }],
            answers: Vec::new(),
        });
    }
    hub
}

fuzz_target!(|text: &str| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let _inside = runtime.enter();
    let told = Arc::new(Mutex::new(Vec::new()));
    let said = text.lines().map(str::to_owned).collect();
    let link = Link::Carried(Box::new(Said(said, Arc::clone(&told))));
    let (_sessions, revoked) = watch::channel(0);
    let context = FeedContext {
        ages: Arc::new(PipelineAges::default),
        backlog: Arc::new(NoBacklog),
        access: Arc::new(|| Access::Granted(Role::Viewer)),
        revoked,
    };
    let visitor = Visitor {
        account: "a".to_owned(),
        address: None,
        role: Role::Viewer,
        expires_at: UnixMs(i64::MAX),
    };
    let served = hub().serve(link, visitor, context).now_or_never();
    assert!(served.is_some(), "it waits for a client that is gone");
    let mut at = None;
    for text in told.lock().expect("nothing panics in between").iter() {
        match ServerMessage::decode(text).expect("what the gateway says can be read") {
            ServerMessage::Welcome(welcome) => at = Some(welcome.s - welcome.replayed),
            ServerMessage::Reset(_) => at = None,
            ServerMessage::Frame(frame) => {
                assert!(at.is_some_and(|at| frame.f <= at && at < frame.s));
                at = Some(frame.s);
            }
            _ => {}
        }
    }
});

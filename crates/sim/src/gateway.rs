//! The gateway as a process: its own engine and hub, one task for each connection, and an end that may come at any
//! time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use tokio::sync::watch;
use tokio::task::unconstrained;
use watchfloor_gateway::change::Committed;
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::config::Config;
use watchfloor_gateway::engine::{Engine, Publish};
use watchfloor_gateway::hub::{Access, FeedContext, Hub, HubLimits, Link, LostChanges};
use watchfloor_gateway::store::{Head, Store as _, StoreError};
use watchfloor_wire::id::ProductId;

use crate::accounts::{Accounts, SessionId};
use crate::disk::Disk;
use crate::link;
use crate::mutant::Mutant;

/// Tells the hub, unless the process died in the commit.
struct Publisher {
    hub: Hub,
    disk: Disk,
}

impl Publish for Publisher {
    fn publish(&self, committed: &Committed) {
        if self.disk.may_publish() {
            self.hub.publish(committed);
            self.disk.published();
        }
    }

    fn begin_epoch(&self, head: &Head) {
        self.hub.begin_epoch(head);
    }
}

/// Whether a task has something to do.
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    flag: Arc<Flag>,
}

/// A running gateway.
pub struct Gateway {
    /// Evaluation, incidents, store.
    pub engine: Engine<Disk>,
    /// The feed.
    pub hub: Hub,
    /// When it was told to stop it goes at this instant, on the monotonic clock.
    pub stops_ms: Option<i64>,
    tickets: BTreeMap<u64, SessionId>,
    tasks: Vec<Task>,
    revoked: watch::Sender<u64>,
    lost: watch::Receiver<Option<LostChanges>>,
    disk: Disk,
    clock: Clock,
}

impl Gateway {
    /// Starts on what the disk holds, in the order of the real one.
    ///
    /// # Errors
    /// When the disk cannot be read or written; the real one would not start either.
    pub fn start(
        config: &Config,
        disk: &Disk,
        clock: &Clock,
        limits: HubLimits,
    ) -> Result<Self, StoreError> {
        let build = "sim".to_owned();
        let hub = Hub::with_limits(disk.head()?, disk.entities()?, build, clock.clone(), limits);
        let order = config.products.iter();
        hub.order_products(order.map(|it| ProductId::from(it.id.as_str())).collect());
        disk.publish_early(hub.clone());
        let publisher = Publisher {
            hub: hub.clone(),
            disk: disk.clone(),
        };
        let engine = Engine::new(config, disk.clone(), Box::new(publisher), clock.clone())?;
        Ok(Self {
            engine,
            stops_ms: None,
            lost: hub.lost_changes(),
            hub,
            tickets: BTreeMap::new(),
            tasks: Vec::new(),
            revoked: watch::Sender::new(0),
            disk: disk.clone(),
            clock: clock.clone(),
        })
    }

    /// Hands out a ticket, good for one socket.
    pub fn give_ticket(&mut self, ticket: u64, session: SessionId) {
        self.tickets.insert(ticket, session);
    }

    /// Takes a ticket; `None` when there is no such ticket any more.
    pub fn take_ticket(&mut self, ticket: u64) -> Option<SessionId> {
        self.tickets.remove(&ticket)
    }

    /// Serves a connection from now on.
    pub fn serve(
        &mut self,
        link: &link::Link,
        session: SessionId,
        accounts: &Accounts,
        mutant: Option<Mutant>,
    ) {
        let (hub, ages) = (self.hub.clone(), self.engine.ages());
        let socket = link.socket(self.clock.clone());
        let visitor = accounts.visitor(session);
        let granted = accounts.access(session, self.clock.now());
        let asker = accounts.asker(session, self.clock.clone());
        let context = FeedContext {
            ages: Arc::new(move || ages.read()),
            backlog: Arc::new(self.disk.clone()),
            access: Arc::new(move || match (mutant, asker()) {
                (Some(Mutant::RoleChangeIgnored), Access::Granted(_)) => granted,
                (Some(Mutant::RevocationIgnored), Access::Revoked) => granted,
                (_, access) => access,
            }),
            revoked: self.revoked.subscribe(),
        };
        let serving = async move {
            hub.serve(Link::Carried(Box::new(socket)), visitor, context)
                .await
        };
        self.tasks.push(Task {
            // The runtime would make a task wait that was polled often, and nothing else polls it here.
            future: Box::pin(unconstrained(serving)),
            flag: Arc::new(Flag(AtomicBool::new(true))),
        });
    }

    /// Says that a session was ended or a role was changed.
    pub fn sessions_changed(&self) {
        self.revoked.send_modify(|count| *count += 1);
    }

    /// Lets every connection do what it can, until none can do anything more.
    pub fn run_connections(&mut self) {
        loop {
            let mut idle = true;
            self.tasks.retain_mut(|task| {
                if !task.flag.0.swap(false, Ordering::SeqCst) {
                    return true;
                }
                idle = false;
                let waker = Waker::from(Arc::clone(&task.flag));
                task.future
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            });
            if idle {
                return;
            }
        }
    }

    /// When a client proved that confirmed changes are gone, another epoch begins.
    pub fn mend_epochs(&mut self) {
        if self.lost.has_changed().unwrap_or(false) {
            let proof = *self.lost.borrow_and_update();
            self.engine.begin_epoch(format!("{proof:?}"));
        }
    }

    /// Connections that are served.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.tasks.len()
    }
}

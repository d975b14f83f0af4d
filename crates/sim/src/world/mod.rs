//! Everything that is simulated, one event at a time.

mod checks;
mod event;
mod faults;
mod network;
mod people;
mod requests;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use watchfloor_console::feed::connection::Event as FeedEvent;
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::config::Config;
use watchfloor_gateway::engine::run::TICK_MS;
use watchfloor_gateway::hub::HubLimits;
use watchfloor_wire::session::Role;
use watchfloor_wire::time::{DAY_MS, UnixMs};

use self::event::{Entry, Event};
use self::network::Wire;
use crate::accounts::Accounts;
use crate::chance::Chance;
use crate::client::console::{Console, Turn};
use crate::client::device::Device;
use crate::client::juggler::Juggler;
use crate::client::{Client, ClientId, Count, Kind, Wish};
use crate::disk::Disk;
use crate::gateway::Gateway;
use crate::ledger::Ledger;
use crate::mutant::Mutant;
use crate::products::{CHECKS, Health, PROBE_EVERY_MS};
use crate::trace::Trace;
use crate::truth::Truth;

/// Where the clocks stand when a run begins: an instant in 2026, in milliseconds since 1970.
const BEGIN: UnixMs = UnixMs(1_790_000_000_000);
/// How long things break, in milliseconds: at least, at most.
const TROUBLE_MS: [i64; 2] = [30_000, 110_000];
/// How long nothing breaks at the end, in milliseconds. The longest way back is a wait of 30 s, or a hello that
/// nobody answers for 15 s and the wait after it.
const CALM_MS: i64 = 80_000;

/// What was stored this long before the end has arrived at everybody by then, in milliseconds.
const ARRIVED_MS: i64 = 5_000;

/// The world of one run.
pub struct World {
    mutant: Option<Mutant>,
    chance: Chance,
    trace: Trace,
    clock: Clock,
    queue: BTreeMap<(i64, u64), Event>,
    order: u64,
    config: Config,
    limits: HubLimits,
    disk: Disk,
    accounts: Accounts,
    gateway: Option<Gateway>,
    starts: u64,
    wires: Vec<Wire>,
    open: Vec<usize>,
    clients: Vec<Client>,
    timers: Vec<Option<i64>>,
    health: Vec<Health>,
    well_ms: Vec<i64>,
    wall_steps: u32,
    wall_step_ms: i64,
    is_calm: bool,
    is_over: bool,
    due_seq: Option<u64>,
    truth: Truth,
    ledger: Ledger,
    checked: Vec<u64>,
    counts: BTreeMap<Count, u64>,
    faults: BTreeMap<&'static str, u64>,
    pushes: u64,
    /// When each change was stored, on the monotonic clock: the last of its instant.
    stored: Vec<(i64, u64)>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Summary {
    /// Events that happened.
    pub steps: u64,
    /// How long it took, by the simulated clock, in milliseconds.
    pub simulated_ms: i64,
    /// The hash of everything that happened.
    pub hash: u64,
    /// What clients saw.
    pub counts: BTreeMap<Count, u64>,
    /// What broke.
    pub faults: BTreeMap<&'static str, u64>,
    /// Changes that were stored.
    pub changes: u64,
    /// Actions that were answered 200, of those repeated answers, refused, and not available.
    pub actions: [u64; 4],
    /// What went wrong, with the last lines of the trace.
    pub failure: Option<(String, Vec<String>)>,
}

impl World {
    /// A world that follows from its seed.
    ///
    /// # Errors
    /// When the built-in configuration does not parse.
    pub fn new(seed: u64, mutant: Option<Mutant>) -> Result<Self> {
        let mut chance = Chance::new(seed);
        let clock = Clock::manual(BEGIN);
        let mut limits = HubLimits::default();
        limits.ring.events = chance.pick([6, 40, 400, 16_384]);
        limits.ring.bytes = chance.pick([4_000, 8 * 1024 * 1024]);
        let mut world = Self {
            mutant,
            trace: Trace::default(),
            disk: Disk::new(clock.clone(), mutant),
            clock,
            queue: BTreeMap::new(),
            order: 0,
            config: crate::products::config()?,
            limits,
            accounts: Accounts::default(),
            gateway: None,
            starts: 0,
            wires: Vec::new(),
            open: Vec::new(),
            clients: Vec::new(),
            timers: Vec::new(),
            health: vec![Health::Well; CHECKS.len()],
            well_ms: vec![i64::MIN / 2; CHECKS.len()],
            wall_steps: 0,
            wall_step_ms: i64::MIN / 2,
            is_calm: false,
            is_over: false,
            due_seq: None,
            truth: Truth::default(),
            ledger: Ledger::default(),
            checked: Vec::new(),
            counts: BTreeMap::new(),
            faults: BTreeMap::new(),
            pushes: 0,
            stored: Vec::new(),
            chance,
        };
        world.populate();
        Ok(world)
    }

    fn populate(&mut self) {
        self.at(0, Event::Start);
        for check in 0..CHECKS.len() {
            let first_ms = self.chance.between(0, PROBE_EVERY_MS);
            self.at(first_ms, Event::Probe(check));
        }
        self.at(1_000, Event::Push);
        let roles = [
            Role::Operator,
            Role::Operator,
            Role::Viewer,
            Role::Display,
            Role::Admin,
            Role::Viewer,
        ];
        for (client, role) in roles.into_iter().enumerate() {
            self.add_client(client, role);
        }
        let trouble_ms = self.chance.between(TROUBLE_MS[0], TROUBLE_MS[1]);
        self.at(2_000, Event::Fault);
        self.at(trouble_ms, Event::Calm);
    }

    fn add_client(&mut self, client: ClientId, role: Role) {
        let over_gap = self.mutant == Some(Mutant::AppliedOverGap);
        let expires_at = BEGIN.plus_ms(30 * DAY_MS);
        let session = self
            .accounts
            .sign_in(&format!("user{}", client % 4), role, expires_at);
        let juggles = client >= 4;
        let kind = if juggles {
            Kind::Juggler(Juggler::new(over_gap))
        } else {
            let ahead_ms = self.chance.between(-DAY_MS, DAY_MS);
            Kind::Console(Console::new(Device::new(ahead_ms), self.mutant))
        };
        self.clients.push(Client {
            kind,
            session: Some(session),
            asleep_until_ms: 0,
            cut_off_until_ms: 0,
            socketless_until_ms: 0,
            swallows_sockets: false,
        });
        self.timers.push(None);
        self.checked.push(u64::MAX);
        let first_ms = self.chance.between(0, 3_000);
        if juggles {
            self.at(first_ms, Event::Juggle(client));
        } else {
            self.at(first_ms, Event::Second(client));
            self.at(first_ms + 2_000, Event::Person(client));
        }
    }

    fn now_ms(&self) -> i64 {
        self.clock.monotonic_ms()
    }

    /// Lets something happen in `after_ms`.
    fn at(&mut self, after_ms: i64, event: Event) {
        let due_ms = self.now_ms() + after_ms.max(0);
        self.order += 1;
        self.queue.insert((due_ms, self.order), event);
    }

    /// Runs to the end, or to the first step that breaks an invariant.
    pub async fn run(mut self) -> Summary {
        let mut steps = 0;
        let mut failure = None;
        while let Some(((due_ms, _), event)) = self.queue.pop_first() {
            steps += 1;
            if let Err(error) = self.step(due_ms, event).await {
                failure = Some((format!("step {steps}: {error:#}"), self.trace.tail()));
                break;
            }
            if self.is_over {
                break;
            }
        }
        Summary {
            steps,
            simulated_ms: self.now_ms() - BEGIN.0,
            hash: self.trace.hash(),
            counts: self.counts,
            faults: self.faults,
            changes: self.truth.seq(),
            actions: [
                self.ledger.answered,
                self.ledger.replayed,
                self.ledger.refused,
                self.ledger.unavailable,
            ],
            failure,
        }
    }

    async fn step(&mut self, due_ms: i64, event: Event) -> Result<()> {
        let passed_ms = due_ms - self.now_ms();
        if passed_ms > 0 {
            self.clock.advance_ms(passed_ms);
            tokio::time::advance(Duration::from_millis(passed_ms.unsigned_abs())).await;
        }
        self.trace
            .line(format!("{:>7} {event:?}", due_ms - BEGIN.0));
        if let Event::Calm = event
            && self.is_calm
        {
            return match self.due_seq.replace(self.truth.seq()) {
                None => {
                    self.at(ARRIVED_MS, Event::Calm);
                    Ok(())
                }
                Some(due_seq) => self.finish(due_seq),
            };
        }
        self.happen(event)?;
        self.settle()?;
        self.check()
    }

    /// Lets connections run, puts what they said on its way, and buries a gateway that died.
    fn settle(&mut self) -> Result<()> {
        if self.disk.has_crashed() {
            self.kill("crash in a commit");
        }
        if let Some(gateway) = &mut self.gateway {
            gateway.run_connections();
            gateway.mend_epochs();
        }
        self.send_off()?;
        self.arm_timers();
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Tick(of) => self.tick(of)?,
            Event::Start => self.start(),
            Event::Probe(check) => self.probe(check),
            Event::Push => self.push(),
            Event::Connect(link, entry) => self.connect(link, entry),
            Event::Opened(link) => self.opened(link)?,
            Event::Up(link) => self.wires[link].link.state().wake_reader(),
            Event::Down(link) => self.deliver(link)?,
            Event::ServerSees(link, sight) => self.wires[link].link.state().see(sight),
            Event::ClientSees(link) => self.gone(link, 1006)?,
            Event::Ask(client, ask) => self.asked(client, ask),
            Event::Answer(client, answer) => self.answered(client, answer)?,
            Event::TryAgain(press) => self.try_again(press),
            Event::Person(client) => self.person(client),
            Event::Paint(client, attempt) => {
                self.turn(client, |console, turn| console.paint(attempt, turn))?;
            }
            Event::Second(client) => self.second(client)?,
            Event::Timer(client) => {
                self.timers[client] = None;
                self.turn(client, |console, turn| {
                    console.dispatch(FeedEvent::Ticked, turn);
                })?;
            }
            Event::Juggle(client) => self.juggle(client)?,
            Event::SignIn(client) => self.sign_in(client)?,
            Event::Fault => self.fault()?,
            Event::Mend(mend) => self.mend(mend)?,
            Event::Calm => self.calm()?,
        }
        Ok(())
    }

    fn start(&mut self) {
        if self.gateway.is_some() {
            return;
        }
        self.disk.let_go();
        self.starts += 1;
        match Gateway::start(&self.config, &self.disk, &self.clock, self.limits) {
            Ok(gateway) if !self.disk.has_crashed() => {
                self.gateway = Some(gateway);
                self.at(0, Event::Tick(self.starts));
            }
            // It does not start on a disk that takes nothing; whoever looks after it tries again.
            _ => self.at(1_000, Event::Start),
        }
    }

    fn tick(&mut self, of: u64) -> Result<()> {
        if of != self.starts {
            return Ok(());
        }
        let now_ms = self.now_ms();
        let Some(gateway) = &mut self.gateway else {
            return Ok(());
        };
        gateway.engine.tick();
        if gateway.stops_ms.is_some_and(|stops_ms| stops_ms <= now_ms) {
            // What waits is stored, as the real one does before it ends; a disk that takes nothing loses it.
            let _ = gateway.engine.flush();
            self.kill("stopped");
            return Ok(());
        }
        self.at(i64::try_from(TICK_MS).unwrap_or(250), Event::Tick(of));
        self.check_green()
    }

    /// The process is gone: nothing of it is left but the disk, and what its kernel had taken to send.
    fn kill(&mut self, why: &'static str) {
        if self.gateway.take().is_none() {
            return;
        }
        self.trace.line(format!("        killed: {why}"));
        self.cut_tails();
        let down_ms = self.chance.pick([50, 400, 3_000, 12_000]);
        let down_ms = if self.is_calm { 400 } else { down_ms };
        self.at(down_ms, Event::Start);
    }

    /// Hands a page an event and does what it wishes.
    fn turn(
        &mut self,
        client: ClientId,
        act: impl FnOnce(&mut Console, &mut Turn<'_>),
    ) -> Result<()> {
        self.turn_of_any(client, |kind, turn| {
            if let Kind::Console(console) = kind {
                act(console, turn);
            }
        })
    }

    /// As [`Self::turn`], for jugglers.
    fn juggler_turn(
        &mut self,
        client: ClientId,
        act: impl FnOnce(&mut Juggler, &mut Turn<'_>),
    ) -> Result<()> {
        self.turn_of_any(client, |kind, turn| {
            if let Kind::Juggler(juggler) = kind {
                act(juggler, turn);
            }
        })
    }

    fn turn_of_any(
        &mut self,
        client: ClientId,
        act: impl FnOnce(&mut Kind, &mut Turn<'_>),
    ) -> Result<()> {
        let mut wishes = Vec::new();
        let now_ms = self.now_ms();
        let mut turn = Turn {
            now_ms,
            chance: &mut self.chance,
            wishes: &mut wishes,
        };
        act(&mut self.clients[client].kind, &mut turn);
        self.grant(client, wishes)
    }

    fn grant(&mut self, client: ClientId, wishes: Vec<Wish>) -> Result<()> {
        for wish in wishes {
            match wish {
                Wish::Ask(ask) => self.ask(client, ask),
                Wish::Open(_, ticket) => self.open_line(client, Entry::Ticket(ticket)),
                Wish::OpenEvents(cursor) => self.open_line(client, Entry::Session(cursor)),
                Wish::Say(link, message) => self.say(link, &message),
                Wish::Close(link) => self.close(link),
                Wish::Paint(attempt) => self.at(16, Event::Paint(client, attempt)),
                Wish::SignIn => self.ask_to_sign_in(client),
                Wish::Wrong(what) => anyhow::bail!("I2: client {client}: {what}"),
                Wish::Count(count) => *self.counts.entry(count).or_default() += 1,
            }
        }
        Ok(())
    }

    /// Sets the timer of each page for the next instant at which time alone changes something.
    fn arm_timers(&mut self) {
        for client in 0..self.clients.len() {
            let Kind::Console(console) = &self.clients[client].kind else {
                continue;
            };
            let due = console.next_wake_ms();
            let armed = self.timers[client];
            if let Some(due_ms) = due
                && armed.is_none_or(|at| due_ms < at || at < self.now_ms())
            {
                self.timers[client] = Some(due_ms);
                self.at(due_ms - self.now_ms(), Event::Timer(client));
            }
        }
    }
}

//! Everything together: the world, its ports, its second hand, and the lines to the gateway.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calendar;
use crate::control;
use crate::ports;
use crate::product::Product;
use crate::products::donna_socket::{Limits, SocketServer};
use crate::products::{assistant, chatpdd, deedpro, donna, pourtrait};
use crate::push::{Sender, SenderError};
use crate::receive::{self, Receivers};
use crate::scenario::Scenario;
use crate::serve::{Delivery, TlsError, TlsListener, bind, delivered, keep_open};
use crate::world::{Clock, World};

/// What a fleet is started with.
pub struct Options {
    /// The address whose fixed ports are used.
    pub host: IpAddr,
    /// The gateway's address, for example `http://127.0.0.1:8080`. None: nothing is sent.
    pub gateway: Option<String>,
    /// The ingest key of a product; None: that product sends nothing.
    pub ingest_key: Box<dyn Fn(Product) -> Option<String> + Send + Sync>,
    /// The key with which the gateway signs webhooks. None: signatures are not checked.
    pub webhook_key: Option<String>,
    /// Decides everything that looks like chance.
    pub seed: u64,
    /// Faults to come.
    pub scenario: Scenario,
    /// How much real time a simulated second takes. None: time stands still until
    /// [`World::tick`] is called, which is what tests want.
    pub tick: Option<Duration>,
    /// How much of the simulated response time answers really take, 0 to 1.
    pub delay_ratio: f64,
    /// Limits of DONNA's WebSocket server.
    pub socket_limits: Limits,
    /// Milliseconds since the epoch.
    pub clock: Clock,
}

/// Why a fleet did not start.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// A port is taken, or the address is not this machine's.
    #[error(transparent)]
    Port(#[from] io::Error),
    /// No certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Nothing can be sent.
    #[error(transparent)]
    Sender(#[from] SenderError),
}

/// A running fleet.
pub struct Fleet {
    world: Arc<World>,
    receivers: Receivers,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Fleet {
    /// Opens all ports and begins.
    ///
    /// # Errors
    /// [`FleetError`]; nothing runs on after one.
    pub async fn start(options: Options) -> Result<Self, FleetError> {
        let world = World::new(options.seed, Arc::clone(&options.clock));
        let fleet = Self {
            world,
            receivers: Receivers::new(options.webhook_key.clone(), Arc::clone(&options.clock)),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        match fleet.run(options).await {
            Ok(()) => Ok(fleet),
            Err(why) => {
                fleet.stop().await;
                Err(why)
            }
        }
    }

    /// The products.
    #[must_use]
    pub const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Where people are told.
    #[must_use]
    pub const fn receivers(&self) -> &Receivers {
        &self.receivers
    }

    /// Closes all ports and waits until everything has ended.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn run(&self, options: Options) -> Result<(), FleetError> {
        self.open_beside(options.host).await?;
        self.open_receivers(options.host).await?;
        for (product, port, routes) in self.plain(&options) {
            let socket = bind(SocketAddr::new(options.host, port)).await?;
            self.serve(socket, |port: TcpListener| port, product, routes);
        }
        self.open_tls(&options).await?;
        self.begin(options)
    }

    /// What belongs to no product: orders, and the calendar of who is on call.
    async fn open_beside(&self, host: IpAddr) -> Result<(), FleetError> {
        let control = control::routes(Arc::clone(&self.world));
        for (port, routes) in [
            (ports::CONTROL, control),
            (ports::CALENDAR, calendar::routes()),
        ] {
            let socket = bind(SocketAddr::new(host, port)).await?;
            let stop = self.stop.clone();
            let serving = axum::serve(socket, routes)
                .with_graceful_shutdown(async move { stop.cancelled().await });
            self.tasks.spawn(serving.into_future());
        }
        Ok(())
    }

    async fn open_receivers(&self, host: IpAddr) -> Result<(), FleetError> {
        let socket = bind(SocketAddr::new(host, ports::RECEIVERS)).await?;
        let stop = self.stop.clone();
        let routes = receive::routes(self.receivers.clone());
        let serving = axum::serve(socket, routes);
        // One that hangs would hold a graceful end up for ever.
        self.tasks.spawn(async move {
            stop.run_until_cancelled(serving.into_future()).await;
        });
        let socket = bind(SocketAddr::new(host, ports::MAIL)).await?;
        let mail = receive::serve(socket, self.receivers.clone(), self.stop.clone());
        self.tasks.spawn(mail);
        Ok(())
    }

    fn plain(&self, options: &Options) -> Vec<(Product, u16, Router)> {
        let sockets = SocketServer::new(Arc::clone(&self.world), options.socket_limits);
        let cleaning = Arc::clone(&sockets).clean_up();
        self.tasks
            .spawn(self.stop.clone().run_until_cancelled_owned(cleaning));
        let mut all = vec![(Product::Donna, ports::DONNA_SOCKET, sockets.routes())];
        all.extend(PLAIN.map(|(product, port, routes)| {
            let routes = routes(Arc::clone(&self.world));
            (product, port, routes)
        }));
        for (product, _, routes) in &mut all {
            let delivery = self.delivery(*product, options);
            *routes = delivered(std::mem::take(routes), delivery);
        }
        all
    }

    fn delivery(&self, product: Product, options: &Options) -> Delivery {
        Delivery {
            world: Arc::clone(&self.world),
            product,
            delay_ratio: options.delay_ratio,
        }
    }

    async fn open_tls(&self, options: &Options) -> Result<(), FleetError> {
        let socket = bind(SocketAddr::new(options.host, ports::POURTRAIT_TLS)).await?;
        let now_ms = (options.clock)();
        let acceptor = TlsListener::acceptor(&self.world, &options.host.to_string(), now_ms)?;
        let routes = pourtrait::routes(Arc::clone(&self.world));
        let routes = delivered(routes, self.delivery(Product::Pourtrait, options));
        let wrap = move |port| TlsListener {
            port,
            acceptor: acceptor.clone(),
        };
        self.serve(socket, wrap, Product::Pourtrait, routes);
        Ok(())
    }

    fn serve<L>(
        &self,
        socket: TcpListener,
        wrap: impl Fn(TcpListener) -> L + Send + 'static,
        product: Product,
        routes: Router,
    ) where
        L: axum::serve::Listener,
        L::Addr: std::fmt::Debug,
    {
        let gone = self.world.gone(product);
        self.tasks
            .spawn(keep_open(socket, wrap, routes, gone, self.stop.clone()));
    }

    fn begin(&self, options: Options) -> Result<(), FleetError> {
        let sender = match &options.gateway {
            None => None,
            Some(gateway) => Some(Sender::start(
                gateway,
                options.ingest_key,
                &self.tasks,
                &self.stop,
            )?),
        };
        let Some(tick) = options.tick else {
            return Ok(());
        };
        let beating = beat(Arc::clone(&self.world), options.scenario, sender, tick);
        self.tasks
            .spawn(self.stop.clone().run_until_cancelled_owned(beating));
        Ok(())
    }
}

/// What makes a port's routes.
type Routes = fn(Arc<World>) -> Router;

/// The ports that speak plain HTTP, except that of DONNA's WebSocket server.
const PLAIN: [(Product, u16, Routes); 7] = [
    (
        Product::Donna,
        ports::DONNA_FRONTEND,
        donna::frontend_routes,
    ),
    (Product::Donna, ports::DONNA_BACKEND, donna::backend_routes),
    (Product::Pourtrait, ports::POURTRAIT, pourtrait::routes),
    (Product::Chatpdd, ports::CHATPDD, chatpdd::routes),
    (
        Product::UniversalAssistant,
        ports::UNIVERSAL_ASSISTANT,
        assistant::routes,
    ),
    (
        Product::Deedpro,
        ports::DEEDPRO_FRONTEND,
        deedpro::frontend_routes,
    ),
    (
        Product::Deedpro,
        ports::DEEDPRO_BACKEND,
        deedpro::backend_routes,
    ),
];

/// The second hand. A machine that slept skips what it missed.
async fn beat(world: Arc<World>, scenario: Scenario, sender: Option<Sender>, every: Duration) {
    let mut hand = tokio::time::interval(every);
    hand.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    for tick in 0_u64.. {
        hand.tick().await;
        scenario.play(&world, tick);
        for push in world.tick() {
            if let Some(sender) = &sender {
                sender.send(push);
            }
        }
    }
}

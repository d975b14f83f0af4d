//! Names and connections, under the rules of [`AddressRules`]: a name is resolved once, its addresses are
//! filtered, and exactly those are connected to. What was judged is what is reached.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpStream;
use url::Url;

use crate::sources::address::{self, AddressRules, Denied, Host, Peer};
use crate::sources::answer::Failure;
use crate::sources::own_listener::OwnListener;

/// The addresses that a name leads to, some time later.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Resolves names.
pub trait Lookup: Send + Sync + 'static {
    /// The addresses of a name, with this port.
    fn lookup(&self, name: String, port: u16) -> Found;
}

/// The machine's own resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String, port: u16) -> Found {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, port)).await?;
            Ok(found.collect())
        })
    }
}

/// The network as probes may use it.
pub struct Network {
    rules: AddressRules,
    own: Option<OwnListener>,
    lookup: Arc<dyn Lookup>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl Network {
    /// The network under these rules and without the gateway's own listener, with names resolved by `lookup`.
    #[must_use]
    pub fn new(rules: AddressRules, own: Option<OwnListener>, lookup: Arc<dyn Lookup>) -> Self {
        Self { rules, own, lookup }
    }

    /// Judges an address as written. Addresses of names are judged when they are resolved; addresses that
    /// are numbers never reach a resolver, so that this is their only judge.
    ///
    /// The HTTP client asks its resolver for names without ports. So a name that is asked at the gateway's own port
    /// is looked up here once more, to see whether it leads to the gateway.
    ///
    /// # Errors
    /// [`Failure::Denied`], or why such a name cannot be looked up.
    pub async fn judge(&self, url: &Url) -> Result<Peer, Failure> {
        let peer = self.rules.judge_url(url).map_err(denied)?;
        if let Some(own) = &self.own {
            own.judge_written(&peer).map_err(denied)?;
            if let (Host::Name(name), true) = (&peer.host, own.has_port(peer.port)) {
                for address in self.look_up(name, peer.port).await? {
                    own.judge(address).map_err(denied)?;
                }
            }
        }
        Ok(peer)
    }

    /// Connects to the first address of the peer that may be reached and answers.
    ///
    /// # Errors
    /// [`Failure`] says why no address did.
    pub async fn connect(&self, peer: &Peer) -> Result<TcpStream, Failure> {
        let addresses = match &peer.host {
            Host::Ip(ip) => {
                self.rules.judge_ip(*ip).map_err(denied)?;
                vec![SocketAddr::new(*ip, peer.port)]
            }
            Host::Name(name) => self.resolve(name, peer.port).await?,
        };
        let mut failure = Failure::Refused;
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error.into(),
            }
        }
        Err(failure)
    }

    async fn look_up(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        let found = self.lookup.lookup(name.to_owned(), port).await;
        found.map_err(|_| unresolved(name))
    }

    /// The addresses of a name that may be reached; at least one.
    async fn resolve(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        address::judge_name(name).map_err(denied)?;
        let mut why = None;
        let mut allowed = Vec::new();
        for address in self.look_up(name, port).await? {
            match self.rules.judge_ip(address.ip()) {
                Ok(()) => allowed.push(address),
                Err(denied) => why = Some(denied),
            }
        }
        match why {
            Some(why) if allowed.is_empty() => Err(denied(why)),
            _ if allowed.is_empty() => Err(unresolved(name)),
            _ => Ok(allowed),
        }
    }
}

fn unresolved(name: &str) -> Failure {
    Failure::Unresolved {
        name: name.to_owned(),
    }
}

fn denied(denied: Denied) -> Failure {
    Failure::Denied { why: denied.0 }
}

/// The network as the HTTP client's resolver.
pub struct Resolver(pub Arc<Network>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let network = Arc::clone(&self.0);
        Box::pin(async move {
            // Port 0 stands for the one in the address.
            match network.resolve(name.as_str(), 0).await {
                Ok(found) => Ok(Box::new(found.into_iter()) as Addrs),
                Err(failure) => Err(failure.into()),
            }
        })
    }
}

//! The gateway's own listener, which no probe may ask. A gateway that asks itself says that it is well for exactly
//! as long as it can say anything, and each of its probes costs it an answer. Whether people reach it is seen
//! from elsewhere, or through the address of the proxy in front of it.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::address::{Denied, Host, Peer};

/// Where this gateway listens.
#[derive(Clone, Debug)]
pub struct OwnListener {
    address: SocketAddr,
    is_of_this_machine: fn(IpAddr) -> bool,
}

impl OwnListener {
    /// The listener at an address as bound, so that its port is known.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self::on_machine(address, can_be_bound)
    }

    /// As [`Self::new`], with what says whether an address is one of this machine's.
    #[must_use]
    pub const fn on_machine(address: SocketAddr, is_of_this_machine: fn(IpAddr) -> bool) -> Self {
        Self {
            address,
            is_of_this_machine,
        }
    }

    /// Whether a connection to `port` could be one to this listener at all.
    #[must_use]
    pub fn has_port(&self, port: u16) -> bool {
        self.address.port() == port
    }

    /// Judges an address that would be connected to.
    ///
    /// # Errors
    /// [`Denied`] when it is this listener's.
    pub fn judge(&self, wanted: SocketAddr) -> Result<(), Denied> {
        let (own, ip) = (self.address.ip().to_canonical(), wanted.ip().to_canonical());
        let is_own = self.has_port(wanted.port())
            && (ip == own || (own.is_unspecified() && (self.is_of_this_machine)(ip)));
        if is_own { Err(self.denied()) } else { Ok(()) }
    }

    /// Judges an address as written, as far as that can be done without resolving names; `localhost` is loopback
    /// everywhere.
    ///
    /// # Errors
    /// [`Denied`] when it is this listener's.
    pub fn judge_written(&self, peer: &Peer) -> Result<(), Denied> {
        match &peer.host {
            Host::Ip(ip) => self.judge(SocketAddr::new(*ip, peer.port)),
            Host::Name(name) if is_localhost(name) => {
                self.judge(SocketAddr::new([127, 0, 0, 1].into(), peer.port))?;
                self.judge(SocketAddr::new([0, 0, 0, 0, 0, 0, 0, 1].into(), peer.port))
            }
            Host::Name(_) => Ok(()),
        }
    }

    fn denied(&self) -> Denied {
        Denied(format!(
            "it is this gateway's own listener, {}; watch the gateway from another machine, or through the \
             address of the proxy in front of it",
            self.address
        ))
    }
}

fn is_localhost(name: &str) -> bool {
    let plain = name.trim_end_matches('.').to_ascii_lowercase();
    plain == "localhost" || plain.ends_with(".localhost")
}

/// A machine lends sockets its own addresses only. Nothing is sent.
fn can_be_bound(ip: IpAddr) -> bool {
    UdpSocket::bind(SocketAddr::new(ip, 0)).is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use url::Url;

    use super::*;

    fn only_10_0_0_7_and_loopback(ip: IpAddr) -> bool {
        ip.is_loopback() || ip == IpAddr::from([10, 0, 0, 7])
    }

    fn denied(listen: &str, wanted: &str) -> bool {
        let own = OwnListener::on_machine(listen.parse().unwrap(), only_10_0_0_7_and_loopback);
        let peer = Peer::of(&Url::parse(wanted).unwrap()).unwrap();
        own.judge_written(&peer).is_err()
    }

    #[test]
    fn the_own_listener_is_known_however_it_is_written() {
        for (listen, wanted, is_own) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080/api/health", true),
            ("127.0.0.1:8080", "http://localhost:8080/", true),
            ("127.0.0.1:8080", "http://LOCALHOST.:8080/", true),
            ("127.0.0.1:8080", "http://a.localhost:8080/", true),
            ("127.0.0.1:8080", "http://[::ffff:127.0.0.1]:8080/", true),
            ("127.0.0.1:8080", "tcp://127.0.0.1:8080", true),
            ("127.0.0.1:8080", "http://127.0.0.1:8081/", false),
            ("127.0.0.1:8080", "http://127.0.0.2:8080/", false),
            ("127.0.0.1:8080", "http://[::1]:8080/", false),
            ("127.0.0.1:80", "http://localhost/", true),
            ("127.0.0.1:443", "https://localhost/", true),
            ("[::1]:8080", "http://localhost:8080/", true),
            ("0.0.0.0:8080", "http://127.0.0.1:8080/", true),
            ("0.0.0.0:8080", "http://10.0.0.7:8080/", true),
            ("0.0.0.0:8080", "http://10.0.0.8:8080/", false),
            ("[::]:8080", "http://10.0.0.7:8080/", true),
            ("[::]:8080", "http://[::1]:8080/", true),
            ("[::]:8080", "http://10.0.0.7:9090/", false),
            ("10.0.0.7:8080", "http://10.0.0.7:8080/", true),
            ("10.0.0.7:8080", "http://127.0.0.1:8080/", false),
            // A name is judged by what it leads to.
            ("10.0.0.7:8080", "http://watch.example:8080/", false),
        ] {
            assert_eq!(denied(listen, wanted), is_own, "{listen} {wanted}");
        }
    }

    #[test]
    fn a_machine_knows_its_own_addresses() {
        assert!(can_be_bound([127, 0, 0, 1].into()));
        // Kept for documentation: no machine has it.
        assert!(!can_be_bound([192, 0, 2, 1].into()));
    }
}

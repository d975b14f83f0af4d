//! Which addresses probes may reach. Whoever can write a probe's address could otherwise read what only this
//! machine can: a cloud's metadata, a neighbour's database.
//!
//! Three things are judged: the address as written ([`AddressRules::judge_url`]), the name
//! ([`judge_name`]), and each IP address that a name resolves to ([`AddressRules::judge_ip`]), which is then
//! the one that is connected to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use ipnet::IpNet;
use url::Url;

use crate::config::gateway::Probing;

/// Never reached, whatever is configured: link-local (cloud metadata lives there), "this network", multicast,
/// reserved, and the metadata services that live elsewhere.
const ALWAYS_DENIED: &[&str] = &[
    "0.0.0.0/8",
    "169.254.0.0/16",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "fe80::/10",
    "ff00::/8",
    "fd00:ec2::254/128",
];

/// Reached only when `probing.allow_cidrs` holds them: loopback, private, carrier, documentation and test
/// networks.
const NEED_PERMISSION: &[&str] = &[
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "::1/128",
    "fc00::/7",
    "fec0::/10",
    "2001:db8::/32",
];

/// Names of metadata services, which resolve to different addresses in different clouds.
const DENIED_NAMES: &[&str] = &["metadata.google.internal", "metadata.goog", "instance-data"];

/// Ports that need no permission.
const USUAL_PORTS: [RangeInclusive<u16>; 3] = [80..=80, 443..=443, 8000..=9999];

/// Why an address may not be reached. Its text completes "… may not be probed: ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied(pub String);

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Denied {}

/// A host as written in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name, which must be resolved.
    Name(String),
    /// An IP address.
    Ip(IpAddr),
}

/// Whom an address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The host.
    pub host: Host,
    /// The port, written or that of the scheme.
    pub port: u16,
}

impl Peer {
    /// Reads the host and port of an address; `None` when either is missing.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let host = match url.host()? {
            url::Host::Ipv4(ip) => Host::Ip(ip.into()),
            url::Host::Ipv6(ip) => Host::Ip(ip.into()),
            // For `tcp` and `tls` the host is opaque to the parser, so an IP address still looks like a name.
            url::Host::Domain(name) => name
                .parse()
                .map_or_else(|_| Host::Name(name.to_owned()), Host::Ip),
        };
        Some(Self {
            host,
            port: url.port_or_known_default()?,
        })
    }
}

/// The configured rules.
#[derive(Clone, Debug)]
pub struct AddressRules {
    allowed: Vec<IpNet>,
    ports: Vec<RangeInclusive<u16>>,
}

impl AddressRules {
    /// The rules as configured.
    ///
    /// # Errors
    /// A sentence about the first network or port that is malformed.
    pub fn new(probing: &Probing) -> Result<Self, String> {
        let allowed = probing.allow_cidrs.iter().map(|text| parse_network(text));
        let ports = probing.allow_ports.iter().map(|text| parse_ports(text));
        Ok(Self {
            allowed: allowed.collect::<Result<_, _>>()?,
            ports: ports.collect::<Result<_, _>>()?,
        })
    }

    /// Judges an address as written. Names are judged again once they are resolved.
    ///
    /// # Errors
    /// [`Denied`] says why it may not be reached.
    pub fn judge_url(&self, url: &Url) -> Result<Peer, Denied> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Denied(
                "it holds a user name or password, which would end up in logs".to_owned(),
            ));
        }
        let peer = Peer::of(url).ok_or_else(|| Denied("it names no host and port".to_owned()))?;
        self.judge_port(peer.port)?;
        match &peer.host {
            Host::Name(name) => judge_name(name)?,
            Host::Ip(ip) => self.judge_ip(*ip)?,
        }
        Ok(peer)
    }

    /// Judges an IP address, also one that holds another, such as `::ffff:169.254.169.254`.
    ///
    /// # Errors
    /// [`Denied`] says why it may not be reached.
    pub fn judge_ip(&self, ip: IpAddr) -> Result<(), Denied> {
        let embedded = embedded_v4(ip).map(IpAddr::V4);
        let forms = || std::iter::once(ip).chain(embedded);
        if let Some(net) = forms().find_map(|form| holding(ALWAYS_DENIED, form)) {
            return Err(Denied(format!("{ip} is in {net}, which is never reached")));
        }
        let allowed = forms().any(|form| self.allowed.iter().any(|net| net.contains(&form)));
        match forms().find_map(|form| holding(NEED_PERMISSION, form)) {
            Some(net) if !allowed => Err(Denied(format!(
                "{ip} is in {net}, which is reached only when probing.allow_cidrs holds it"
            ))),
            _ => Ok(()),
        }
    }

    fn judge_port(&self, port: u16) -> Result<(), Denied> {
        let mut open = USUAL_PORTS.iter().chain(&self.ports);
        if open.any(|range| range.contains(&port)) {
            return Ok(());
        }
        Err(Denied(format!(
            "port {port} is not 80, 443 or 8000 to 9999; add it to probing.allow_ports if it is meant"
        )))
    }
}

/// Judges a host name.
///
/// # Errors
/// [`Denied`] when it is that of a metadata service.
pub fn judge_name(name: &str) -> Result<(), Denied> {
    let plain = name.trim_end_matches('.').to_ascii_lowercase();
    if DENIED_NAMES.contains(&plain.as_str()) {
        return Err(Denied(format!(
            "{plain} is a metadata service, which is never reached"
        )));
    }
    Ok(())
}

/// Reads a network, for example `10.0.0.0/8`, or a single address.
///
/// # Errors
/// A sentence that says what was found and what is allowed.
pub fn parse_network(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| format!("`{text}` is no network; write for example \"10.0.0.0/8\""))
}

/// Reads a port or a range of ports, for example `5432` or `7000-7010`.
///
/// # Errors
/// A sentence that says what was found and what is allowed.
pub fn parse_ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let wrong = || format!("`{text}` is no port; write for example \"5432\" or \"7000-7010\"");
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let first: u16 = first.trim().parse().map_err(|_| wrong())?;
    let last: u16 = last.trim().parse().map_err(|_| wrong())?;
    if first == 0 || last < first {
        return Err(wrong());
    }
    Ok(first..=last)
}

fn holding(nets: &[&'static str], ip: IpAddr) -> Option<&'static str> {
    nets.iter()
        .copied()
        .find(|net| net.parse::<IpNet>().is_ok_and(|net| net.contains(&ip)))
}

/// The IPv4 address that an IPv6 address leads to: mapped, compatible, NAT64, 6to4 or Teredo.
fn embedded_v4(ip: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = ip else { return None };
    let s = ip.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let is_own = ip == Ipv6Addr::LOCALHOST || ip == Ipv6Addr::UNSPECIFIED;
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(of(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if !is_own => Some(of(high, low)),
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        [0x2001, 0, _, _, _, _, high, low] => Some(of(!high, !low)),
        _ => None,
    }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;

//! Who a request came from, for counting and for the audit: the peer, or, when the peer is a proxy that is
//! trusted, the client that it names in `X-Forwarded-For`. Nobody else's word counts: anybody can write that
//! header.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

use crate::sources::address::parse_network;

/// Where the address of a client stands, each proxy adding the one that it saw at the end.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Proxies in these networks. An entry that is no network is left out, which trusts it less; the check of
    /// the configuration has refused it before.
    #[must_use]
    pub fn new(networks: &[String]) -> Self {
        let networks = networks.iter().filter_map(|text| parse_network(text).ok());
        Self(networks.collect())
    }

    /// The client of a request that came from `peer`: from the right, the first address that is no trusted
    /// proxy. What stands left of that was written by the client and is not read.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .map(|line| line.to_str().unwrap_or_default())
            .collect();
        let mut named = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.trusts(client) {
            let Some(before) = named.next().and_then(|text| text.trim().parse().ok()) else {
                break;
            };
            client = IpAddr::to_canonical(&before);
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<String> = trusted.iter().map(|it| (*it).to_owned()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                FORWARDED_FOR,
                HeaderValue::from_bytes(line.as_bytes()).unwrap(),
            );
        }
        let proxies = TrustedProxies::new(&trusted);
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_header_counts_only_from_a_trusted_proxy() {
        let here = "127.0.0.1";
        assert_eq!(client(&[], here, &["192.0.2.1"]), here);
        assert_eq!(client(&[here], "192.0.2.9", &["192.0.2.1"]), "192.0.2.9");
        assert_eq!(client(&[here], here, &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(client(&["127.0.0.0/8"], "127.9.9.9", &["::1"]), "::1");
    }

    #[test]
    fn what_a_client_wrote_before_its_proxy_is_not_believed() {
        for (lines, expected) in [
            (&["203.0.113.7, 192.0.2.1"][..], "192.0.2.1"),
            (&["203.0.113.7", "192.0.2.1"], "192.0.2.1"),
            (&["203.0.113.7, 192.0.2.1, 10.0.0.2"], "192.0.2.1"),
            (&["192.0.2.1", "10.0.0.3,10.0.0.2"], "192.0.2.1"),
        ] {
            let trusted = &["127.0.0.1", "10.0.0.0/24"];
            assert_eq!(client(trusted, "127.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_nearest_address_that_is_known_counts_when_the_rest_is_no_address() {
        for lines in [
            &[][..],
            &[""],
            &["unknown"],
            &["192.0.2.1, not-an-address"],
            &["ä"],
        ] {
            let found = client(&["127.0.0.1"], "127.0.0.1", lines);
            assert_eq!(found, "127.0.0.1", "{lines:?}");
        }
        let all_trusted = client(&["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", &["10.0.0.2"]);
        assert_eq!(all_trusted, "10.0.0.2");
    }

    #[test]
    fn a_mapped_address_is_the_address_that_it_maps() {
        let found = client(&["127.0.0.1"], "::ffff:127.0.0.1", &["::ffff:192.0.2.1"]);
        assert_eq!(found, "192.0.2.1");
    }
}

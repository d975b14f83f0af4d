//! A corpus of addresses that attackers try.

use std::net::IpAddr;

use proptest::prelude::*;
use url::Url;

use super::{AddressRules, Host, Peer, parse_network, parse_ports};
use crate::config::gateway::Probing;

fn rules(cidrs: &[&str], ports: &[&str]) -> AddressRules {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    AddressRules::new(&Probing {
        allow_cidrs: owned(cidrs),
        allow_ports: owned(ports),
        ..Probing::default()
    })
    .unwrap()
}

/// Everything is allowed that can be.
fn widest() -> AddressRules {
    rules(&["0.0.0.0/0", "::/0"], &["1-65535"])
}

#[test]
fn what_is_always_denied_cannot_be_allowed() {
    let always = [
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.170.2/v2/credentials",
        "http://0.0.0.0:8000/",
        "http://0/",
        "http://0.1.2.3/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://224.0.0.1/",
        "http://239.255.255.250/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[febf::1]/",
        "http://[ff02::1]/",
        "http://[fd00:ec2::254]/",
        // The same address in other clothes.
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0xA9.0xFE.0xA9.0xFE/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[::169.254.169.254]/",
        "http://[64:ff9b::169.254.169.254]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[2002:a9fe:a9fe::1234]/",
        "http://[2001:0:1234:5678:0:0:5601:5601]/",
        "http://１６９.254.169.254/",
        "tcp://169.254.169.254:80",
        "tls://[fe80::1]:443",
        // Names of the same services.
        "http://metadata.google.internal/",
        "http://METADATA.google.internal./",
        "http://metadata.goog/",
        "http://instance-data/",
        // Names and passwords.
        "http://user@example.com/",
        "http://user:pass@example.com/",
        "http://:pass@example.com/",
        "http://example.com@169.254.169.254/",
        // No port to go to.
        "tcp://example.com",
    ];
    for text in always {
        let url = Url::parse(text).unwrap();
        assert!(widest().judge_url(&url).is_err(), "{text} must be denied");
    }
}

#[test]
fn private_networks_need_permission() {
    let private = [
        ("http://127.0.0.1/", "127.0.0.0/8"),
        ("http://127.1/", "127.0.0.0/8"),
        ("http://2130706433/", "127.0.0.0/8"),
        ("http://[::1]/", "::1/128"),
        ("http://10.1.2.3/", "10.0.0.0/8"),
        ("http://172.16.0.1/", "172.16.0.0/12"),
        ("http://192.168.1.1/", "192.168.0.0/16"),
        ("http://100.64.0.1/", "100.64.0.0/10"),
        ("http://[fd12:3456::1]/", "fd00::/8"),
        ("http://198.18.0.1/", "198.18.0.0/15"),
        ("http://[::ffff:10.0.0.1]/", "10.0.0.0/8"),
        ("http://[64:ff9b::10.0.0.1]/", "10.0.0.0/8"),
        ("http://[2002:0a00:0001::]/", "10.0.0.0/8"),
    ];
    for (text, network) in private {
        let url = Url::parse(text).unwrap();
        assert!(
            rules(&[], &[]).judge_url(&url).is_err(),
            "{text} needs permission"
        );
        assert!(
            rules(&[network], &[]).judge_url(&url).is_ok(),
            "{text} in {network}"
        );
    }
}

#[test]
fn public_addresses_and_names_need_none() {
    for text in [
        "https://example.com/health",
        "http://93.184.216.34:8080/",
        "wss://example.com/realtime",
        "http://172.32.0.1/",
        "http://100.128.0.1/",
        "http://[2606:4700::1111]/",
        "tls://example.com:443",
    ] {
        let url = Url::parse(text).unwrap();
        assert!(rules(&[], &[]).judge_url(&url).is_ok(), "{text}");
    }
}

#[test]
fn ports_are_few_until_more_are_allowed() {
    let cases = [
        ("http://example.com/", true),
        ("https://example.com/", true),
        ("http://example.com:8000/", true),
        ("http://example.com:9999/", true),
        ("http://example.com:7999/", false),
        ("http://example.com:10000/", false),
        ("http://example.com:22/", false),
        ("tcp://example.com:5432", false),
        ("tcp://example.com:6379", false),
    ];
    for (text, expected) in cases {
        let url = Url::parse(text).unwrap();
        assert_eq!(rules(&[], &[]).judge_url(&url).is_ok(), expected, "{text}");
    }
    let url = Url::parse("tcp://example.com:5432").unwrap();
    assert!(rules(&[], &["5432"]).judge_url(&url).is_ok());
    assert!(rules(&[], &["5000-6000"]).judge_url(&url).is_ok());
}

#[test]
fn networks_and_ports_are_read_strictly() {
    assert!(parse_network("10.0.0.0/8").is_ok());
    assert!(parse_network("10.0.0.1").is_ok());
    for text in ["10.0.0", "10.0.0.0/33", "all", ""] {
        assert!(parse_network(text).is_err(), "{text}");
    }
    assert_eq!(parse_ports("7000-7010"), Ok(7_000..=7_010));
    for text in ["0", "70000", "9-8", "-", "http", ""] {
        assert!(parse_ports(text).is_err(), "{text}");
    }
}

#[test]
fn hosts_of_opaque_schemes_are_addresses_too() {
    let peer = Peer::of(&Url::parse("tcp://10.0.0.1:8000").unwrap()).unwrap();
    assert_eq!(peer.host, Host::Ip("10.0.0.1".parse().unwrap()));
    assert_eq!(peer.port, 8_000);
}

proptest! {
    #[test]
    fn no_form_of_a_link_local_address_is_ever_reached(low in any::<u16>()) {
        let v4 = format!("169.254.{}.{}", low >> 8, low & 0xff);
        for form in [v4.clone(), format!("::ffff:{v4}"), format!("64:ff9b::{v4}"), format!("::{v4}")] {
            let ip: IpAddr = form.parse().unwrap();
            prop_assert!(widest().judge_ip(ip).is_err(), "{}", form);
        }
    }
}

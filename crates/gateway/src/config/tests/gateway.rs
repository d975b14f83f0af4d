use super::{GATEWAY, PRODUCT, messages};

fn check(gateway: &str, expected: &[&str]) {
    let found = messages(gateway, PRODUCT);
    assert_eq!(
        found.len(),
        expected.len(),
        "{gateway}\ngave\n{}",
        found.join("\n")
    );
    for (message, wanted) in found.iter().zip(expected) {
        assert!(message.starts_with(wanted), "{message}\nnot\n{wanted}");
    }
}

#[test]
fn settings_are_checked_and_told_with_their_lines() {
    let with = |text: &str| {
        format!("products = [\"shop.toml\"]\n{text}\n[probing]\nallow_cidrs = [\"127.0.0.0/8\"]\n")
    };
    let cases: &[(&str, &[&str])] = &[
        (
            "base_path = \"monitoring\"",
            &["watchfloor.toml:2: base_path: `monitoring` is no base path"],
        ),
        (
            "base_path = \"/a/\"",
            &["watchfloor.toml:2: base_path: `/a/` is no base path"],
        ),
        ("base_path = \"/a/../b\"", &["watchfloor.toml:2: base_path"]),
        ("base_path = \"/ops/floor\"", &[]),
        (
            "allowed_origins = [\"https://a.example\", \"https://a.example/\"]",
            &["watchfloor.toml:2: allowed_origins: `https://a.example/` is no origin"],
        ),
        (
            "frame_ancestors = [\"*\"]",
            &["watchfloor.toml:2: frame_ancestors: `*` is no origin"],
        ),
        ("allowed_origins = [\"http://localhost:8000\"]", &[]),
        (
            "trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\", \"proxy\"]",
            &["watchfloor.toml:2: trusted_proxies: `proxy` is no network"],
        ),
        (
            "colour = \"red\"\nhttps_only = \"yes\"",
            &[
                "watchfloor.toml:2: colour: unknown field `colour`, expected one of",
                "watchfloor.toml:3: https_only: invalid type: string \"yes\", expected a boolean",
            ],
        ),
        (
            "sessions = { idle = \"2h\", absolute = \"1h\" }",
            &["watchfloor.toml:2: sessions.absolute: it is shorter than `idle`"],
        ),
        (
            "retention = { logs = \"7 days\" }",
            &["watchfloor.toml:2: retention.logs: `7 days` is no span of time"],
        ),
    ];
    for (text, expected) in cases {
        check(&with(text), expected);
    }
}

#[test]
fn networks_and_ports_are_checked() {
    check(
        "products = [\"shop.toml\"]\n[probing]\nmax_concurrent = 0\nallow_cidrs = [\"127.0.0.0/8\", \"10.0.0\"]\nallow_ports = [\"80-70\"]",
        &[
            "watchfloor.toml:3: probing.max_concurrent: 0 is not from 1 to 1024",
            "watchfloor.toml:4: probing.allow_cidrs: `10.0.0` is no network",
            "watchfloor.toml:5: probing.allow_ports: `80-70` is no port",
        ],
    );
}

#[test]
fn files_that_are_missing_or_named_twice_are_told() {
    check(
        "products = [\"shop.toml\", \"gone.toml\", \"shop.toml\"]\nprobing.allow_cidrs = [\"127.0.0.1\"]",
        &[
            "watchfloor.toml:1: products: another product file is called `shop.toml` already",
            "gone.toml: the file cannot be read: no such file",
            "shop.toml:1: id: another product is called `shop` already",
        ],
    );
    check(
        "products = [\"shop.toml\", \"twin.toml\"]\nprobing.allow_cidrs = [\"127.0.0.1\"]",
        &["twin.toml:1: id: another product is called `shop` already"],
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    check(
        "products = [\"shop.toml\"]\n\nbase_path = /x",
        &["watchfloor.toml:3: this is no TOML"],
    );
}

#[test]
fn private_networks_are_denied_until_they_are_allowed() {
    let gateway = GATEWAY.replace("127.0.0.0/8", "10.0.0.0/8");
    check(
        &gateway,
        &[
            "shop.toml:13: probe.url: this address may not be probed: 127.0.0.1 is in 127.0.0.0/8, which is reached only when probing.allow_cidrs holds it",
        ],
    );
}

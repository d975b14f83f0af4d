//! TOML in, messages out.

mod catalogue;
mod channel;
mod gateway;
mod lint;
mod maintenance;
mod on_call;
mod product;
mod repository;
mod rule;

use super::load::{lint_from, load_from};
use super::{Config, ConfigError};

/// A gateway's file that is right and names one product.
pub const GATEWAY: &str = r#"
products = ["shop.toml"]
[probing]
allow_cidrs = ["127.0.0.0/8"]
"#;

/// A product's file that is right, to which tests add.
pub const PRODUCT: &str = r#"id = "shop"
name = "Shop"
ingest_key_env = "SHOP_KEY"

[priority]
critical = "P0"

[response.P0]
respond_within = "15m"

[[probe]]
kind = "http"
url = "http://127.0.0.1:9000/health"
  [[probe.check]]
  name = "api"
  title = "API"
  status = "/status"
  [[probe.metric]]
  check = "api"
  name = "error_ratio"
  from = "/errors"
  unit = "ratio"
"#;

/// A certificate authority as PEM.
fn authority() -> String {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().pem()
}

/// Loads a gateway's file and `shop.toml`, with `HOST` set.
pub fn load(gateway: &str, product: &str) -> Result<Config, ConfigError> {
    let read = |file: &str| match file {
        "watchfloor.toml" => Ok(gateway.to_owned()),
        "shop.toml" | "twin.toml" => Ok(product.to_owned()),
        "ca.pem" => Ok(authority()),
        "key.pem" => Ok(authority().replace("CERTIFICATE", "PRIVATE KEY")),
        "broken.pem" => Ok(authority().replace("MII", "!!!")),
        "other.pem" => {
            Ok("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned())
        }
        _ => Err("no such file".to_owned()),
    };
    let lookup = |name: &str| (name == "HOST").then(|| "127.0.0.1".to_owned());
    load_from("watchfloor.toml", &read, &lookup)
}

/// The warnings that loading gives, one a line as people see them.
pub fn lint_of(gateway: &str, product: &str) -> Vec<String> {
    let read = |file: &str| match file {
        "watchfloor.toml" => Ok(gateway.to_owned()),
        "shop.toml" => Ok(product.to_owned()),
        _ => Err("no such file".to_owned()),
    };
    let (_, warnings) =
        lint_from("watchfloor.toml", &read, &|_| None).unwrap_or_else(|error| panic!("{error}"));
    warnings.iter().map(ToString::to_string).collect()
}

/// The messages that loading gives, one a line as people see them.
pub fn messages(gateway: &str, product: &str) -> Vec<String> {
    match load(gateway, product) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

/// Checks that [`PRODUCT`] with `added` behind it gives exactly these messages. Each is what the message
/// begins with after `shop.toml:<line>: `, where the line is counted within `added`.
pub fn check(added: &str, expected: &[(usize, &str)]) {
    let text = format!("{PRODUCT}{added}");
    let offset = PRODUCT.lines().count();
    let found = messages(GATEWAY, &text);
    let told = found.join("\n");
    assert_eq!(found.len(), expected.len(), "{added}\ngave\n{told}");
    for (message, (line, text)) in found.iter().zip(expected) {
        let wanted = format!("shop.toml:{}: {text}", offset + line);
        assert!(
            message.starts_with(&wanted),
            "{added}\ngave\n{message}\nnot\n{wanted}"
        );
    }
}

#[test]
fn the_example_is_right() {
    assert_eq!(messages(GATEWAY, PRODUCT), Vec::<String>::new());
}

#[test]
fn variables_are_filled_in() {
    let text = PRODUCT.replace("127.0.0.1", "${HOST}");
    let config = load(GATEWAY, &text).unwrap();
    let url = &config.products[0].probes[0].url;
    assert_eq!(url, "http://127.0.0.1:9000/health");
}

//! The configuration that comes with the repository.

use std::path::Path;

use crate::config::load;

#[test]
fn the_demonstration_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/demo.toml");
    let config = load(&path).unwrap_or_else(|error| panic!("{error}"));
    let catalogue = config.catalogue();
    assert_eq!(config.products.len(), 5);
    for product in &config.products {
        assert_eq!(
            product.charts.len(),
            3,
            "{} has its three charts",
            product.id
        );
    }
    assert!(catalogue.checks().count() >= 21);
}

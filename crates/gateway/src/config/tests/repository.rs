//! The configuration that comes with the repository.

use std::path::Path;

use crate::config::load_and_lint;

#[test]
fn the_demonstration_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/demo.toml");
    let (config, warnings) = load_and_lint(&path).unwrap_or_else(|error| panic!("{error}"));
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, Vec::<String>::new());
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

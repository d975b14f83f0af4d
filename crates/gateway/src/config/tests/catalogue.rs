use watchfloor_wire::id::{CheckId, SeriesId};
use watchfloor_wire::series::Unit;

use super::{GATEWAY, PRODUCT, load};
use crate::config::catalogue::Origin;

#[test]
fn checks_and_series_come_with_all_it_takes_to_read_them() {
    let text = format!(
        "{PRODUCT}label = \"of all\"\nheadline = true\n\
         [[pushed]]\ncheck = \"mail\"\ntitle = \"Mail\"\nmetric = \"sent\"\nunit = \"per_s\"\nevery = \"30s\"\n\
         [[pushed]]\ncheck = \"api\"\nmetric = \"carts\"\nunit = \"count\"\nevery = \"30s\"\n"
    );
    let catalogue = load(GATEWAY, &text).unwrap().catalogue();

    let api = catalogue.check(&CheckId::from("shop.api")).unwrap();
    assert_eq!((api.interval_ms, api.validity_ms), (10_000, 25_000));
    assert_eq!(api.headline, Some(SeriesId::from("shop.api.error_ratio")));
    assert_eq!(api.origin, Origin::Probed);

    let mail = catalogue.check(&CheckId::from("shop.mail")).unwrap();
    assert_eq!((mail.interval_ms, mail.validity_ms), (30_000, 65_000));
    assert_eq!((mail.title.as_str(), mail.origin), ("Mail", Origin::Pushed));

    let units: Vec<(&str, Unit, i64)> = catalogue
        .all_series()
        .map(|it| (it.id.as_str(), it.unit, it.step_ms))
        .collect();
    assert_eq!(
        units,
        [
            ("shop.api.carts", Unit::Count, 30_000),
            ("shop.api.error_ratio", Unit::Ratio, 10_000),
            ("shop.api.latency_ms", Unit::Ms, 10_000),
            ("shop.mail.sent", Unit::PerS, 30_000),
        ]
    );
    let ratio = catalogue.series(&SeriesId::from("shop.api.error_ratio"));
    assert_eq!(ratio.unwrap().label.as_deref(), Some("of all"));
}

//! Reading a page of Prometheus text, version 0.0.4, and what of OpenMetrics has the same form.
//!
//! A page is somebody else's work. What cannot be understood is counted and left out, and the rest stays
//! usable; only a page that is too large is refused as a whole.

use std::collections::BTreeMap;

use super::label::{self, Labels};

/// How much of a page is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest page, in bytes.
    pub page_bytes: usize,
    /// The most samples.
    pub points: usize,
    /// The longest line, in bytes; longer ones are left out.
    pub line_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_bytes: 1024 * 1024,
            points: 20_000,
            line_bytes: 8 * 1024,
        }
    }
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its name.
    pub name: String,
    /// Its labels, in the order written.
    pub labels: Labels,
    /// Its value; may be infinite or no number, as the source wrote it.
    pub value: f64,
}

/// Something on a page that is not as it should be, and was nevertheless read or left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line, counted from 1; for a family, the one that declares it.
    pub line: usize,
    /// What it is about: a family's name, or empty.
    pub family: String,
    /// What is wrong, in a few words.
    pub why: &'static str,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The samples, in order.
    pub points: Vec<Point>,
    /// What was not as it should be.
    pub malformed: Vec<Malformed>,
}

/// Why a page was not read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Too many bytes.
    #[error("the page is larger than {0} bytes")]
    TooLarge(usize),
    /// Too many samples.
    #[error("the page holds more than {0} samples")]
    TooManyPoints(usize),
}

/// Reads a page.
///
/// # Errors
/// [`PageError`] when it is larger than the limits allow.
pub fn parse(text: &str, limits: Limits) -> Result<Page, PageError> {
    if text.len() > limits.page_bytes {
        return Err(PageError::TooLarge(limits.page_bytes));
    }
    let mut page = Page::default();
    let mut families = Families::default();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = line.trim_matches([' ', '\t', '\r']);
        if line.is_empty() {
            continue;
        }
        if let Some(comment) = line.strip_prefix('#') {
            families.declare(comment, number);
            continue;
        }
        let read = if line.len() > limits.line_bytes {
            Err("a line that is too long")
        } else {
            point(line)
        };
        match read {
            Ok(_) if page.points.len() == limits.points => {
                return Err(PageError::TooManyPoints(limits.points));
            }
            Ok(point) => {
                families.see(&point.name);
                page.points.push(point);
            }
            Err(why) => page.malformed.push(Malformed {
                line: number,
                family: label::name(line).map_or_else(String::new, |(name, _)| name.to_owned()),
                why,
            }),
        }
    }
    page.malformed.extend(families.malformed());
    Ok(page)
}

fn point(line: &str) -> Result<Point, &'static str> {
    let (name, rest) = label::name(line).ok_or("a line without a name")?;
    let rest = label::skip(rest);
    let (labels, rest) = if rest.starts_with('{') {
        label::read(rest)?
    } else {
        (Labels::new(), rest)
    };
    // The time that may follow the value is not looked at: a page says how things are when it is fetched.
    let value = rest.split([' ', '\t']).find(|word| !word.is_empty());
    Ok(Point {
        name: name.to_owned(),
        labels,
        value: number(value.ok_or("a sample without a value")?)?,
    })
}

fn number(word: &str) -> Result<f64, &'static str> {
    match word {
        "+Inf" | "Inf" => Ok(f64::INFINITY),
        "-Inf" => Ok(f64::NEG_INFINITY),
        "NaN" => Ok(f64::NAN),
        _ => word.parse().map_err(|_| "a value that is no number"),
    }
}

/// Families that consist of several samples, and which of those were seen.
#[derive(Debug, Default)]
struct Families(BTreeMap<String, Family>);

#[derive(Debug)]
struct Family {
    line: usize,
    is_histogram: bool,
    bare: bool,
    buckets: bool,
    sum: bool,
    count: bool,
}

impl Families {
    fn declare(&mut self, comment: &str, line: usize) {
        let mut words = comment.split_ascii_whitespace();
        let (Some("TYPE"), Some(name), Some(kind)) = (words.next(), words.next(), words.next())
        else {
            return;
        };
        if matches!(kind, "histogram" | "summary") {
            self.0.entry(name.to_owned()).or_insert(Family {
                line,
                is_histogram: kind == "histogram",
                bare: false,
                buckets: false,
                sum: false,
                count: false,
            });
        }
    }

    fn see(&mut self, name: &str) {
        if let Some(family) = self.0.get_mut(name) {
            family.bare = true;
        }
        for suffix in ["_bucket", "_sum", "_count"] {
            let base = name.strip_suffix(suffix);
            let Some(family) = base.and_then(|base| self.0.get_mut(base)) else {
                continue;
            };
            match suffix {
                "_bucket" => family.buckets = true,
                "_sum" => family.sum = true,
                _ => family.count = true,
            }
        }
    }

    fn malformed(self) -> impl Iterator<Item = Malformed> {
        self.0.into_iter().filter_map(|(name, family)| {
            family.complaint().map(|why| Malformed {
                line: family.line,
                family: name,
                why,
            })
        })
    }
}

impl Family {
    const fn complaint(&self) -> Option<&'static str> {
        let any = self.bare || self.buckets || self.sum || self.count;
        if !any {
            return None;
        }
        if self.is_histogram && self.bare {
            return Some("a histogram with a sample that is no bucket, sum or count");
        }
        if self.is_histogram && !self.buckets {
            return Some("a histogram without buckets");
        }
        if !(self.sum && self.count) {
            return Some("a histogram or summary without sum and count");
        }
        None
    }
}

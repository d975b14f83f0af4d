//! The console's files: embedded into the binary, compressed beforehand, with the base path filled in.

pub mod embedded;
mod manifest;
pub mod negotiate;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

use manifest::{Manifest, Packed};
use negotiate::Coding;

/// The file that every page of the console begins with.
const INDEX: &str = "index.html";
/// What stands in the index for the base path.
const BASE_PLACEHOLDER: &str = "{{BASE}}";
/// Browsers keep an immutable file for a year and never ask again.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Others are asked for each time, and answered with 304 when they are the same.
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, no-cache");

/// Everything the browser fetches.
#[derive(Clone, Debug)]
pub struct Console(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    files: HashMap<String, File>,
    index: Option<Bytes>,
    build: String,
}

/// One file with its variants.
#[derive(Debug)]
pub struct File {
    /// Its media type.
    pub content_type: HeaderValue,
    /// A strong entity tag.
    pub etag: HeaderValue,
    /// How long browsers keep it.
    pub cache_control: HeaderValue,
    /// The codings there are besides identity, best first.
    pub codings: Vec<Coding>,
    identity: Bytes,
    br: Option<Bytes>,
    gzip: Option<Bytes>,
}

impl File {
    /// The body in this coding; as it is when there is no such variant.
    #[must_use]
    pub fn body(&self, coding: Coding) -> Bytes {
        let variant = match coding {
            Coding::Br => self.br.as_ref(),
            Coding::Gzip => self.gzip.as_ref(),
            Coding::Identity => None,
        };
        variant.unwrap_or(&self.identity).clone()
    }
}

/// The packed console cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The manifest is wrong.
    #[error("the console's manifest.json cannot be understood: {0}. Build the console again.")]
    Manifest(#[from] serde_json::Error),
    /// A file of the manifest is missing.
    #[error("the console's file `{0}` is missing. Build the console again.")]
    Missing(String),
}

impl Console {
    /// Reads the files by `read`, and fills `base_path` into the index. Without a manifest there is no
    /// console, which is no error: the gateway then serves everything else.
    ///
    /// # Errors
    /// [`ConsoleError`] when there is a manifest and it does not fit the files.
    pub fn load(
        read: impl Fn(&str) -> Option<Cow<'static, [u8]>>,
        base_path: &str,
    ) -> Result<Self, ConsoleError> {
        let Some(text) = read("manifest.json") else {
            return Ok(Self::absent());
        };
        let manifest: Manifest = serde_json::from_slice(&text)?;
        let mut files = HashMap::new();
        for packed in &manifest.files {
            files.insert(packed.path.clone(), load_file(&read, packed)?);
        }
        // The index is different for every base path, so it is never served as a file.
        let index = files.remove(INDEX).map(|file| with_base(&file, base_path));
        Ok(Self(Arc::new(Inner {
            files,
            index,
            build: manifest.build,
        })))
    }

    fn absent() -> Self {
        Self(Arc::new(Inner {
            files: HashMap::new(),
            index: None,
            build: "none".to_owned(),
        }))
    }

    /// The page that every address of the console begins with; `None` when no console was built in.
    #[must_use]
    pub fn index(&self) -> Option<Bytes> {
        self.0.index.clone()
    }

    /// A file by its path below the base path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&File> {
        self.0.files.get(path)
    }

    /// The build, which clients compare with their own; `none` when no console was built in.
    #[must_use]
    pub fn build(&self) -> &str {
        &self.0.build
    }
}

fn with_base(file: &File, base_path: &str) -> Bytes {
    let text = String::from_utf8_lossy(&file.identity);
    Bytes::from(text.replace(BASE_PLACEHOLDER, base_path))
}

fn load_file(
    read: &impl Fn(&str) -> Option<Cow<'static, [u8]>>,
    packed: &Packed,
) -> Result<File, ConsoleError> {
    let get = |path: String| read(&path).map(to_bytes).ok_or(ConsoleError::Missing(path));
    let identity = get(packed.path.clone())?;
    let variant = |bytes: Option<u64>, extension: &str| {
        bytes
            .map(|_| get(format!("{}.{extension}", packed.path)))
            .transpose()
    };
    let (br, gzip) = (
        variant(packed.br_bytes, "br")?,
        variant(packed.gz_bytes, "gz")?,
    );
    let mut codings = Vec::new();
    codings.extend(br.as_ref().map(|_| Coding::Br));
    codings.extend(gzip.as_ref().map(|_| Coding::Gzip));
    Ok(File {
        content_type: HeaderValue::from_str(&packed.content_type)
            .unwrap_or(HeaderValue::from_static("application/octet-stream")),
        etag: etag(&identity),
        cache_control: if packed.immutable {
            IMMUTABLE
        } else {
            REVALIDATE
        },
        codings,
        identity,
        br,
        gzip,
    })
}

fn to_bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn etag(body: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(body);
    let number = digest
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    HeaderValue::from_str(&format!("\"{number:016x}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn folder(manifest: &'static str) -> impl Fn(&str) -> Option<Cow<'static, [u8]>> {
        move |path| {
            let text = match path {
                "manifest.json" => manifest,
                "index.html" => "<base href=\"{{BASE}}/\">",
                "a-1.js" => "js",
                "a-1.js.br" => "br",
                _ => return None,
            };
            Some(Cow::Borrowed(text.as_bytes()))
        }
    }

    #[test]
    fn the_index_gets_the_base_path_and_files_get_their_variants() {
        let manifest = r#"{"build":"b1","files":[
            {"path":"index.html","content_type":"text/html","bytes":1},
            {"path":"a-1.js","content_type":"text/javascript","bytes":2,"br_bytes":2,"immutable":true}]}"#;
        let console = Console::load(folder(manifest), "/ops").unwrap();
        assert_eq!(console.index().unwrap(), "<base href=\"/ops/\">");
        assert_eq!(console.build(), "b1");
        assert!(console.file("index.html").is_none());
        let file = console.file("a-1.js").unwrap();
        assert_eq!(file.codings, [Coding::Br]);
        assert_eq!(file.body(Coding::Br), "br");
        assert_eq!(file.body(Coding::Gzip), "js");
        assert_eq!(file.cache_control, IMMUTABLE);
    }

    #[test]
    fn a_gateway_without_console_has_no_index() {
        let console = Console::load(|_| None, "/ops").unwrap();
        assert!(console.index().is_none());
        assert_eq!(console.build(), "none");
    }

    #[test]
    fn a_file_that_is_missing_is_named() {
        let manifest =
            r#"{"build":"b","files":[{"path":"x.css","content_type":"text/css","bytes":1}]}"#;
        let error = Console::load(folder(manifest), "/ops").unwrap_err();
        assert!(error.to_string().contains("`x.css`"));
    }
}

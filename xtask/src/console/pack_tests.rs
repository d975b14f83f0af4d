#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;

const BOOT: &str = r#"const W = "watchfloor-console_bg.wasm", I = "{{WASM_INTEGRITY}}", B = "{{BUILD}}";
import("./watchfloor-console.js");"#;
const HTML: &str = r#"<base href="{{BASE}}/"><meta name="watchfloor-build" content="x">
<link rel="icon" href="favicon-unknown.svg"><link rel="stylesheet" href="console.css">
<link rel="modulepreload" href="watchfloor-console.js"><script type="module" src="boot.js"></script>"#;

const CHUNKS: &str = r#"import { initSync } from "./watchfloor-console.js";
fetch(new URL("./split_wall.wasm", import.meta.url));"#;

struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for (path, text) in [
            (
                "dist/watchfloor-console.js",
                "import * as a from \"./watchfloor-chunks.js\"; ({ \"./watchfloor-chunks.js\": a }); new URL('watchfloor-console_bg.wasm', x)",
            ),
            ("dist/watchfloor-console_bg.wasm", "\0asm one"),
            ("dist/split_wall.wasm", "\0asm two"),
            ("dist/watchfloor-chunks.js", CHUNKS),
            ("dist/chunks.json", r#"{"wall":["split_wall.wasm"]}"#),
            ("dist/index.html", "Trunk's"),
            ("public/boot.js", BOOT),
            (
                "public/boot.css",
                "@font-face { src: url(\"fonts/a.woff2\") }",
            ),
            ("public/fonts/a.woff2", "font"),
            ("public/favicon-unknown.svg", "<svg/>"),
            ("style/main.css", "a { b: c }"),
            ("index.html", HTML),
        ] {
            fixture.write(path, text);
        }
        fixture
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn pack(&self) -> Result<Manifest> {
        self.pack_minified(&|text| Ok(text.to_owned()))
    }

    fn pack_minified(&self, minify: &Minify<'_>) -> Result<Manifest> {
        let at = |path: &str| self.folder.path().join(path);
        let inputs = Inputs {
            dist: at("dist"),
            public: at("public"),
            style: at("style/main.css"),
            page: at("index.html"),
        };
        pack(&inputs, minify, &at("out"))
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join("out").join(path)).unwrap()
    }
}

fn path_of<'a>(manifest: &'a Manifest, start: &str) -> &'a str {
    &manifest
        .files
        .iter()
        .find(|file| file.path.starts_with(start))
        .unwrap()
        .path
}

#[test]
fn every_reference_leads_to_the_renamed_file() {
    let fixture = Fixture::new();
    let manifest = fixture.pack().unwrap();
    let wasm = path_of(&manifest, "watchfloor-console_bg-");
    let program = path_of(&manifest, "watchfloor-console-");
    let boot = fixture.read(path_of(&manifest, "boot-"));
    let page = fixture.read("index.html");
    assert!(fixture.read(program).contains(wasm));
    assert!(boot.contains(wasm) && boot.contains(&format!("./{program}")));
    assert!(boot.contains(&names::integrity(b"\0asm one")) && boot.contains(&manifest.build));
    assert!(
        fixture
            .read(path_of(&manifest, "console-"))
            .contains(path_of(&manifest, "fonts/a-"))
    );
    assert!(page.contains("{{BASE}}/") && page.contains(program) && page.contains(&manifest.build));
}

#[test]
fn the_page_and_files_asked_for_by_name_are_not_cached_for_ever() {
    let manifest = Fixture::new().pack().unwrap();
    let lasting: Vec<&str> = manifest
        .files
        .iter()
        .filter(|file| !file.immutable)
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(lasting, ["favicon-unknown.svg", "index.html"]);
}

#[test]
fn compressed_forms_stand_beside_what_is_listed_with_them() {
    let fixture = Fixture::new();
    let manifest = fixture.pack().unwrap();
    for file in &manifest.files {
        let out = fixture.folder.path().join("out");
        let size = |suffix: &str| {
            fs::metadata(out.join(format!("{}{suffix}", file.path)))
                .ok()
                .map(|meta| meta.len())
        };
        assert_eq!(
            (size(""), size(".br")),
            (Some(file.bytes), file.br_bytes),
            "{}",
            file.path
        );
        assert_eq!(size(".gz"), file.gz_bytes, "{}", file.path);
    }
    assert_eq!(
        Manifest::read(&fixture.folder.path().join("out")).unwrap(),
        manifest
    );
}

#[test]
fn the_same_sources_give_the_same_build_and_others_another() {
    let fixture = Fixture::new();
    let first = fixture.pack().unwrap();
    assert_eq!(fixture.pack().unwrap(), first);
    fixture.write("dist/watchfloor-console_bg.wasm", "\0asm two");
    let second = fixture.pack().unwrap();
    assert_ne!(second.build, first.build);
    assert_eq!(
        second.files.len(),
        first.files.len(),
        "files of the first build are gone"
    );
}

#[test]
fn a_missing_program_and_an_unknown_placeholder_are_refused() {
    let fixture = Fixture::new();
    fixture.write("public/boot.js", "const X = \"{{OTHER}}\";");
    assert!(
        fixture
            .pack()
            .unwrap_err()
            .to_string()
            .contains("placeholder")
    );
    fs::remove_file(
        fixture
            .folder
            .path()
            .join("dist/watchfloor-console_bg.wasm"),
    )
    .unwrap();
    assert!(
        fixture
            .pack()
            .unwrap_err()
            .to_string()
            .contains(PROGRAM_WASM)
    );
}

#[test]
fn modules_that_name_each_other_lead_to_each_other_and_change_together() {
    let fixture = Fixture::new();
    let first = fixture.pack().unwrap();
    let paths = |manifest: &Manifest| {
        ["watchfloor-console-", "watchfloor-chunks-"].map(|it| path_of(manifest, it).to_owned())
    };
    let [program, chunks] = paths(&first);
    let text = fixture.read(&program);
    assert!(text.contains(&format!("from \"./{chunks}\"")));
    assert!(
        text.contains("\"./watchfloor-chunks.js\": a"),
        "the program's imports keep the name that they were linked with"
    );
    assert!(fixture.read(&chunks).contains(&format!("\"./{program}\"")));
    fixture.write("dist/split_wall.wasm", "\0asm three");
    let [program_then, chunks_then] = paths(&fixture.pack().unwrap());
    assert_ne!(program, program_then, "it would lead to the old module");
    assert_ne!(chunks, chunks_then);
}

#[test]
fn a_chunk_is_fetched_by_its_packed_name_and_with_its_integrity() {
    let fixture = Fixture::new();
    let manifest = fixture.pack().unwrap();
    let wall = path_of(&manifest, "split_wall-");
    let sealed = format!(
        "fetch(new URL(\"./{wall}\", import.meta.url), {{ integrity: \"{}\", signal: inTime() }})",
        names::integrity(b"\0asm two")
    );
    assert!(
        fixture
            .read(path_of(&manifest, "watchfloor-chunks-"))
            .contains(&sealed)
    );
    assert_eq!(manifest.chunks["wall"], [wall]);
}

#[test]
fn a_chunk_that_is_fetched_in_another_way_or_was_not_built_is_refused() {
    let fixture = Fixture::new();
    fixture.write("dist/watchfloor-chunks.js", "load(\"./split_wall.wasm\")");
    assert!(
        fixture
            .pack()
            .unwrap_err()
            .to_string()
            .contains("split_wall")
    );
    fixture.write("dist/watchfloor-chunks.js", CHUNKS);
    fs::remove_file(fixture.folder.path().join("dist/split_wall.wasm")).unwrap();
    assert!(
        fixture
            .pack()
            .unwrap_err()
            .to_string()
            .contains("split_wall")
    );
}

#[test]
fn a_minified_pair_is_renamed_and_sealed_and_its_names_follow_its_bytes() {
    let fixture = Fixture::new();
    let long = fixture.pack().unwrap();
    let short = fixture
        .pack_minified(&|text| Ok(text.replace(' ', "")))
        .unwrap();
    let (program, chunks) = (
        path_of(&short, "watchfloor-console-"),
        path_of(&short, "watchfloor-chunks-"),
    );
    assert_ne!(program, path_of(&long, "watchfloor-console-"));
    assert_ne!(
        path_of(&short, "boot-"),
        path_of(&long, "boot-"),
        "the start script is minified too"
    );
    assert!(
        fixture
            .read(program)
            .contains(&format!("from\"./{chunks}\""))
    );
    // The name by which the program was linked stays.
    assert!(
        fixture
            .read(program)
            .contains("{\"./watchfloor-chunks.js\":a}")
    );
    let fetching = fixture.read(chunks);
    assert!(fetching.contains(&format!("from\"./{program}\"")));
    assert!(fetching.contains(&format!("integrity:\"{}\"", names::integrity(b"\0asm two"))));
}

#[test]
fn modules_that_do_not_import_each_other_are_refused() {
    let fixture = Fixture::new();
    fixture.write("dist/watchfloor-console.js", "export default 1;");
    let error = fixture.pack().unwrap_err().to_string();
    assert!(error.contains("does not import"), "{error}");
}

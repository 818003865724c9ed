//! Rules about the repository itself: who may know whom, what is never written, what is never missing.

use mixpay_bot::{app::commands::words::Word, domain::locale::Locale, speech};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Who may know whom: a layer, and the paths that it may use besides its own. Whoever is not listed
/// (`run`, `demo`, `check`, `export`, `inspect`, `simulate`, `cli`, `main`) puts the others together.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ports", &["domain"]),
    ("runtime", &["ports"]),
    ("keystore", &["domain", "runtime"]),
    ("app", &["domain", "ports", "runtime", "speech", "store"]),
    (
        "speech",
        &[
            "domain",
            "ports",
            "app::commands::grammar",
            "app::commands::words",
            "store::LinkTotals",
            "store::Receipt",
        ],
    ),
    ("mixin", &["domain", "ports", "runtime", "keystore"]),
    ("mixpay", &["domain", "ports", "runtime"]),
    ("store", &["domain", "ports"]),
    ("http", &["ports", "runtime"]),
    ("sim", &["domain", "ports"]),
    ("config", &["domain", "runtime", "http::client_ip"]),
];

/// What the tests of a layer may use besides.
const IN_TESTS: &[&str] = &["runtime"];

/// Crates that would bring a second TLS provider, or C that nobody needs.
const BANNED_CRATES: [&str; 5] =
    ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every Rust file of the given folders, by its path from the root, with its text.
pub(crate) fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in folders {
        files(&root().join(folder), &mut found);
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    found.sort();
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).unwrap())
    };
    found.into_iter().map(named).collect()
}

/// What a tree of `use` stands for, path by path: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, inner)) = tree.split_once('{') else {
        return vec![tree.split_whitespace().next().unwrap_or_default().to_owned()];
    };
    let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for letter in inner.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if letter == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(letter);
        }
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| expand(part)).map(|path| format!("{}{path}", before.trim())).collect()
}

/// The paths below `crate::` that a text names outside comments, each with whether a test does.
fn uses(text: &str) -> Vec<(String, bool)> {
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = lines.join("\n");
    let tests = text.find("#[cfg(test)]").unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for (at, start) in text.match_indices("crate::") {
        let rest = &text[at + start.len()..];
        let is_tree = text[..at].trim_end().ends_with("use");
        let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
        let end = if is_tree { rest.find(';') } else { rest.find(|letter| !is_name(letter)) };
        let path = &rest[..end.unwrap_or(rest.len())];
        found.extend(expand(path).into_iter().map(|path| (path, at > tests)));
    }
    found
}

fn is_within(path: &str, allowed: &str) -> bool {
    path.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn a_tree_of_use_is_every_path_in_it() {
    let text = "use crate::{\n    a::b,\n    c::{self, d::{E, F}},\n};\n// crate::x\nlet y = crate::g::h();\n#[cfg(test)]\nuse crate::t;";
    let expected = [
        ("a::b", false),
        ("c::self", false),
        ("c::d::E", false),
        ("c::d::F", false),
        ("g::h", false),
        ("t", true),
    ];
    assert_eq!(uses(text), expected.map(|(path, test)| (path.to_owned(), test)));
}

#[test]
fn each_layer_knows_only_whom_it_may_know() {
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for (file, text) in sources(&["src"]) {
        let within = file.trim_start_matches("src/");
        let layer = within.split('/').next().unwrap().trim_end_matches(".rs");
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else { continue };
        met.insert(layer.to_owned());
        let is_tests = file.contains("/tests/") || file.ends_with("/tests.rs");
        for (path, in_tests) in uses(&text) {
            let mut may = allowed.to_vec();
            may.push(layer);
            if is_tests || in_tests {
                may.extend(IN_TESTS);
            }
            if !may.iter().any(|allowed| is_within(&path, allowed)) {
                wrong.push(format!("{file} uses crate::{path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(met.len(), LAYERS.len(), "a layer of the table has no files");
}

#[test]
fn the_domain_is_pure() {
    for (file, text) in sources(&["src/domain"]) {
        for word in ["tokio::", "serde", "tracing::", "async fn", "std::fs", "std::env", "std::net"]
        {
            assert!(!text.contains(word), "{file} contains {word}");
        }
    }
}

#[test]
fn only_the_engine_and_the_stores_error_know_which_database_it_is() {
    let known = ["src/store/engine.rs", "src/store/mod.rs"];
    for (file, text) in sources(&["src"]) {
        assert!(known.contains(&file.as_str()) || !text.contains("rusqlite::"), "{file}");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (file, text) in sources(&["src", "tests"]) {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 10, "{file} begins with {first:?}");
    }
}

#[test]
fn nothing_is_left_undone_in_the_code() {
    let marks = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("d", "bg!("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
    ];
    for (file, text) in sources(&["src", "tests"]) {
        for mark in marks {
            assert!(!text.contains(mark), "{file} contains {mark}");
        }
    }
}

#[test]
fn no_text_names_a_machine_or_a_registry() {
    let banned = [
        concat!("crates", ".io"),
        concat!("static.rust", "-lang.org"),
        concat!("docker", ".io"),
        concat!("npm", "js"),
        concat!("pypi", ".org"),
        concat!("/wo", "rk/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("/ro", "ot/"),
    ];
    let mut found = Vec::new();
    for folder in ["src", "tests", ".ci"] {
        files(&root().join(folder), &mut found);
    }
    for entry in fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        let is_text = path.extension().is_some_and(|kind| kind == "md" || kind == "toml");
        if path.is_file() && is_text {
            found.push(path);
        }
    }
    for path in found {
        // Pictures and other bytes are no text.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for word in banned {
            assert!(!text.contains(word), "{} contains {word}", path.display());
        }
    }
}

#[test]
fn there_is_one_tls_provider_and_nothing_comes_from_git() {
    let lock = read("Cargo.lock");
    let names: Vec<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    for name in BANNED_CRATES {
        assert!(!names.contains(&name), "{name} came in by some dependency");
    }
    for name in ["rustls", "ring"] {
        assert_eq!(names.iter().filter(|other| **other == name).count(), 1, "{name}");
    }
    assert!(!lock.contains("source = \"git+"), "a dependency comes from a git repository");
}

#[test]
fn every_migration_is_applied_and_in_order() {
    let schema = read("src/store/schema.rs");
    let mut found = Vec::new();
    files(&root().join("src/store/migrations"), &mut found);
    let mut names: Vec<String> =
        found.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    // What Postgres alone needs comes after what is for both.
    names.sort_by_key(|name| name.replace(".postgres.sql", ".sql~"));
    let mut after = 0;
    let mut number = 0;
    for name in &names {
        number += usize::from(!name.ends_with(".postgres.sql"));
        assert!(name.starts_with(&format!("{number:04}_")), "{name} is not number {number}");
        let include = format!("include_str!(\"migrations/{name}\")");
        let at = schema[after..].find(&include);
        assert!(at.is_some(), "{name} is not applied after those before it");
        after += at.unwrap();
    }
    assert_eq!(schema.matches("include_str!(").count(), names.len());
}

#[test]
fn help_names_every_command_in_each_language() {
    // Whoever reads help has found it, and a ping is for machines.
    let silent = [Word::Help, Word::Ping];
    for locale in Locale::ALL {
        let drafts = speech::help::private(locale);
        let text = format!("{:?}", drafts.first().unwrap());
        for word in Word::all().filter(|word| !silent.contains(word)) {
            let names = match locale {
                Locale::En => word.names(),
                Locale::Zh => word.names_zh(),
            };
            assert!(names.iter().any(|name| text.contains(name)), "{word:?} is not in {locale:?}");
        }
    }
}

/// SQLite numbers parameters as it meets them, so that a statement that names the second one first
/// would get it as the first.
#[test]
fn statements_take_their_parameters_in_the_order_of_their_first_use() {
    let mut seen = 0;
    for (name, text) in sources(&["src/store"]) {
        let code: Vec<_> =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join("\n");
        for literal in code.split('"').skip(1).step_by(2).filter(|text| text.contains("$1")) {
            seen += 1;
            let mut first_uses: Vec<u32> = Vec::new();
            for rest in literal.split('$').skip(1) {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                let number = digits.parse().unwrap_or_default();
                if !first_uses.contains(&number) {
                    first_uses.push(number);
                }
            }
            assert!(first_uses.is_sorted(), "{name}: {literal}");
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn every_metric_has_a_writer() {
    let declared = read("src/runtime/metrics.rs");
    let (_, declared) = declared.split_once("metrics! {").unwrap();
    let (declared, _) = declared.split_once("\n}\n").unwrap();
    let names: Vec<&str> = declared
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("///"))
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    assert!(names.len() > 20, "{names:?}");
    let code: String = sources(&["src"])
        .into_iter()
        .filter(|(path, _)| !path.ends_with("runtime/metrics.rs"))
        .flat_map(|(_, text)| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for name in names {
        let is_written =
            ["add", "set"].iter().any(|how| code.contains(&format!("metrics.{name}.{how}(")));
        assert!(is_written, "nobody writes the metric {name}");
    }
}

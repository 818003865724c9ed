//! What the pages say is what the program does: their tables are compared with the code.

use crate::tidy::sources;
use clap::CommandFactory;
use jiff::SignedDuration;
use mixpay_bot::{
    app::commands::words::Word, cli::Cli, config::keys, runtime::readiness::Condition,
    store::RETENTIONS,
};
use std::{collections::BTreeSet, fs, path::Path};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The rows of the first table below a heading of either level, without the table's own head.
fn table(heading: &str) -> Vec<String> {
    let readme = read("README.md");
    let (_, section) = readme.split_once(&format!("# {heading}\n")).unwrap();
    section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(str::to_owned)
        .collect()
}

/// A cell with names in it, or with nothing.
fn cell(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { " |".to_owned() } else { format!(" {} |", names.join(", ")) }
}

#[test]
fn the_table_of_settings_is_the_programs() {
    let row = |key: &keys::Key| {
        let default = if key.default.is_empty() {
            format!("unset: {}", key.unset)
        } else {
            format!("`{}`", key.default)
        };
        format!("| `{}` | `{}` | {default} | {} |", key.name, key.environment, key.help)
    };
    let expected: Vec<String> = keys::ALL.iter().map(row).collect();
    let expected = expected.join("\n");
    assert_eq!(table("Configuration").join("\n"), expected, "the table should be\n{expected}");
}

#[test]
fn the_table_of_readiness_has_every_condition() {
    let rows = table("When it is not ready");
    assert_eq!(rows.len(), Condition::ALL.len());
    for (row, condition) in rows.iter().zip(Condition::ALL) {
        let (says, _) = row.trim_start_matches("| ").split_once(" |").unwrap();
        assert!(says.contains(condition.words()), "{condition:?}: {says}");
    }
}

#[test]
fn the_table_of_what_is_forgotten_says_what_is_kept_for_how_long() {
    let kept = |kept: SignedDuration| match kept.as_hours() {
        hours if hours % 24 == 0 => format!("{} days", hours / 24),
        hours => format!("{hours} h"),
    };
    let rows = table("What is forgotten");
    assert_eq!(rows.len(), RETENTIONS.len());
    for (row, retention) in rows.iter().zip(RETENTIONS) {
        let start = format!("| {} | {} |", retention.what, kept(retention.kept));
        assert!(row.starts_with(&start), "{row}\nshould begin\n{start}");
    }
}

#[test]
fn the_table_of_chat_commands_has_every_name_of_every_command() {
    let rows = table("In the chat");
    assert_eq!(rows.len(), Word::all().count());
    for (row, word) in rows.iter().zip(Word::all()) {
        let (name, aliases) = word.names().split_first().unwrap();
        let start = format!("| `{name}` |{}{}", cell(aliases), cell(word.names_zh()));
        assert!(row.starts_with(&start), "{row}\nshould begin\n{start}");
    }
}

#[test]
fn the_table_of_program_commands_is_the_command_lines() {
    let told: BTreeSet<String> = table("The program")
        .iter()
        .filter_map(|row| {
            let rest = row.strip_prefix("| `mixpay-bot ")?;
            Some(rest.split(['`', ' ']).next()?.to_owned())
        })
        .collect();
    let real: BTreeSet<String> =
        Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    assert_eq!(told, real);
}

#[test]
fn every_exit_code_is_told() {
    let readme = read("README.md");
    let (_, codes) = readme.split_once("Exit codes:").unwrap();
    let codes = codes.split("\n\n").next().unwrap().replace('\n', " ");
    let help = Cli::command().render_help().to_string();
    let (_, told) = help.split_once("Exit codes:").unwrap();
    let told = told.trim().replace('\n', " ");
    assert_eq!(codes.trim(), told);
}

#[test]
fn the_check_script_runs_the_commands_at_the_top_of_the_page() {
    let readme = read("README.md");
    let script = read(".ci/run");
    let (_, block) = readme.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    let commands: Vec<&str> =
        block.lines().map(|line| line.split('#').next().unwrap().trim()).collect();
    assert_eq!(commands, ["cargo run -- demo", "cargo test"]);
    // The script holds the lock file fast, and plays the demo's tour because nobody types there.
    for command in ["run cargo run --locked -- demo --tour", "run cargo test --locked"] {
        assert!(script.lines().any(|line| line == command), "{command}");
    }
}

#[test]
fn the_code_map_has_every_file() {
    let page = read("ARCHITECTURE.md");
    let (_, map) = page.split_once("\n## Code map\n").unwrap();
    let (map, _) = map.split_once("\n## ").unwrap();
    let told: BTreeSet<String> = map
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        // Migrations are held by a rule of their own.
        .filter(|path| !path.contains("/migrations/"))
        .map(|path| format!("src/{path}"))
        .collect();
    // Files with nothing but tests stand beside what they test.
    let real: BTreeSet<String> = sources(&["src"])
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !path.contains("/tests/") && !path.ends_with("/tests.rs"))
        .collect();
    let missing: Vec<_> = real.difference(&told).collect();
    let gone: Vec<_> = told.difference(&real).collect();
    assert!(missing.is_empty() && gone.is_empty(), "missing: {missing:?}; gone: {gone:?}");
}

#[test]
fn every_invariant_is_held_by_tests_that_exist() {
    let page = read("ARCHITECTURE.md");
    let (_, section) = page.split_once("\n## Invariants and what holds them\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let tests: String = sources(&["src", "tests"]).into_iter().map(|(_, text)| text).collect();
    let names = section.split('`').skip(1).step_by(2).filter(|name| name.contains("::"));
    for name in names {
        let (module, last) = name.rsplit_once("::").unwrap();
        let known = if last.starts_with(['*', '{']) {
            let module = module.rsplit("::").next().unwrap();
            tests.contains(&format!("mod {module};"))
        } else {
            tests.contains(&format!("fn {}", last.trim_end_matches('*')))
        };
        assert!(known, "{name}");
    }
}

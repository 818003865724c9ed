//! SQLite numbers `$n` by their first use in a statement, so they have to stand in that order; and
//! no statement may become slower with every invoice.

use super::in_file;
use rusqlite::Connection;
use std::{fs, path::PathBuf};

/// The string literals of a source file.
fn literals(source: &str) -> Vec<String> {
    let mut literals = Vec::new();
    for line in source.lines().filter(|line| line.trim_start().starts_with("//")) {
        assert!(!line.contains("$1"), "a parameter in a comment: {line}");
    }
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut rest = code.as_str();
    while let Some((_, after)) = rest.split_once('"') {
        let Some((literal, after)) = after.split_once('"') else { break };
        literals.push(literal.to_owned());
        rest = after;
    }
    literals
}

/// The numbers of the parameters in the order of their first use.
fn parameters(sql: &str) -> Vec<usize> {
    let mut numbers = Vec::new();
    for part in sql.split('$').skip(1) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        let number = digits.parse().unwrap();
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

/// All texts in the files of the statements, with their files.
fn texts() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/sql");
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let found = literals(&fs::read_to_string(&path).unwrap());
        texts.extend(found.into_iter().map(|text| (path.clone(), text)));
    }
    texts
}

#[test]
fn parameters_stand_in_the_order_of_their_first_use() {
    let mut statements = 0;
    for (path, sql) in texts() {
        let found = parameters(&sql);
        let expected: Vec<usize> = (1..=found.len()).collect();
        assert_eq!(found, expected, "{}: {sql}", path.display());
        statements += usize::from(!found.is_empty());
    }
    assert!(statements > 50, "{statements}");
}

#[tokio::test]
async fn no_statement_looks_at_everything_that_was_ever_stored() {
    // These hold what waits or is under way, and shrink again.
    const SHORT: [&str; 10] = [
        "effect",
        "poll",
        "request",
        "spent",
        "transfer_hint",
        "untold",
        "wish",
        "json_each",
        "unreadable",
        "quarantine",
    ];
    // Thousands may wait in one queue; no look at another one may cost a look at all of them.
    const QUEUE: &str = "SELECT seq, id, lane, body";
    const MESSAGES: &str = "kind = 'say'";
    // Of a poll whose invoice cannot be read any more: that is damage, and happens once.
    const REPAIR: &str = "INSERT INTO poll (invoice, due, urgency, wanted, hinted) SELECT id";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    drop(in_file(&path).await);
    let database = Connection::open(&path).unwrap();
    let (mut searches, mut queues) = (0, 0);
    for (_, text) in texts() {
        let sql: String = text.split("\\\n").map(str::trim_start).collect();
        if !["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|word| sql.starts_with(word)) {
            continue;
        }
        let mut plan = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        for number in 1..=plan.parameter_count() {
            plan.raw_bind_parameter(number, 1).unwrap();
        }
        let is_queue = sql.starts_with(QUEUE) && !sql.contains(MESSAGES);
        queues += usize::from(is_queue);
        let mut steps = plan.raw_query();
        while let Some(step) = steps.next().unwrap() {
            let step: String = step.get("detail").unwrap();
            searches += usize::from(step.starts_with("SEARCH"));
            // Tables have one letter where a statement looks at one twice: all of those are effects.
            if let Some(table) = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next())
            {
                let is_short = sql.starts_with(REPAIR)
                    || SHORT.contains(&table)
                    || matches!(table, "e" | "CONSTANT");
                let is_kept_apart = !is_queue || table == "json_each";
                assert!(is_short && is_kept_apart, "{step}: {sql}");
            }
        }
    }
    assert!(searches > 30, "{searches}");
    assert!(queues > 4, "{queues}");
}

#[test]
fn a_parameter_out_of_order_is_noticed() {
    assert_eq!(parameters("SET a = $1 WHERE b = $3 AND a <> $1"), [1, 3]);
    assert_eq!(parameters("SET a = $2, b = $1"), [2, 1]);
    assert_eq!(parameters("VALUES ($1, $10)"), [1, 10]);
}

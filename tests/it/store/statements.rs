//! SQLite numbers `$n` by their first use in a statement, so they have to stand in that order.

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

#[test]
fn parameters_stand_in_the_order_of_their_first_use() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/sql");
    let mut statements = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for sql in literals(&fs::read_to_string(&path).unwrap()) {
            let found = parameters(&sql);
            let expected: Vec<usize> = (1..=found.len()).collect();
            assert_eq!(found, expected, "{}: {sql}", path.display());
            statements += usize::from(!found.is_empty());
        }
    }
    assert!(statements > 50, "{statements}");
}

#[test]
fn a_parameter_out_of_order_is_noticed() {
    assert_eq!(parameters("SET a = $1 WHERE b = $3 AND a <> $1"), [1, 3]);
    assert_eq!(parameters("SET a = $2, b = $1"), [2, 1]);
    assert_eq!(parameters("VALUES ($1, $10)"), [1, 10]);
}

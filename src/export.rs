//! The command `export`: all invoices and their payments, oldest first, a page at a time.

use crate::{
    app::export_rows,
    cli::{ExportFormat, Failure},
    config::{Database, Settings},
    domain::invoice::Invoice,
    run,
    runtime::ids::SystemIds,
    store::Store,
};
use anyhow::Context;
use std::io::{self, Write};

/// So many invoices are in memory at once.
const PAGE: u32 = 200;

/// Writes every invoice of the store.
pub async fn run(
    settings: &Settings,
    format: ExportFormat,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if let Database::File(path) = &settings.database
        && !path.exists()
    {
        let path = crate::config::shown::path(path);
        return Err(Failure::Failed(anyhow::anyhow!(
            "there is no database at {path}: name the bot's in database_url"
        )));
    }
    let store = run::store(&settings.database, &SystemIds).await?;
    match all(&store, format, out).await {
        // Whoever reads has had enough: `export | head`.
        Err(error) if is_broken_pipe(&error) => Ok(()),
        result => Ok(result?),
    }
}

async fn all(store: &Store, format: ExportFormat, out: &mut dyn Write) -> anyhow::Result<()> {
    let write = |out: &mut dyn Write, text: &str| {
        out.write_all(text.as_bytes()).context("the export cannot be written")
    };
    match format {
        ExportFormat::Csv => write(out, &export_rows::csv_header())?,
        ExportFormat::Jsonl => {}
    }
    let mut after = None;
    loop {
        // The database is let go between pages, so that a running bot does not wait for a reader.
        let mut tx = store.begin().await?;
        let page = tx.invoices_after(after, PAGE).await?;
        drop(tx);
        let Some(last) = page.last() else { break };
        after = Some((last.created_at, last.id));
        for invoice in &page {
            write(out, &row(format, invoice))?;
        }
    }
    out.flush().context("the export cannot be written")
}

fn row(format: ExportFormat, invoice: &Invoice) -> String {
    match format {
        ExportFormat::Csv => export_rows::csv_row(invoice),
        ExportFormat::Jsonl => format!("{}\n", export_rows::json_row(invoice)),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

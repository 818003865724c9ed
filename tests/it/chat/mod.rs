//! Chat: what people see when they speak with the bot, a command a file.

mod access;
mod cancel;
mod groups;
mod help;
mod invoice;
mod link;
mod list;
mod lookup;
mod lookup_assets;
mod outside;
mod pay;
mod payee;
mod settings;
mod status;
mod strangers;
mod talk;

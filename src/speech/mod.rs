//! Everything that the bot says, in every language; the only place with words for people.

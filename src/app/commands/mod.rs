//! The commands of the chat: from a line to what it asks for, and one command a file.

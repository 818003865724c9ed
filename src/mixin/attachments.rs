//! Attachments: a place is asked for, then the bytes are put there (mixin.md 4.4).

use crate::{
    mixin::{
        Mixin,
        api::{Call, unanswered},
    },
    ports::failure::{CallError, Failure, Reason},
    runtime::client::is_loopback,
};
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
struct Place {
    attachment_id: String,
    upload_url: String,
}

impl Mixin {
    /// Uploads a file; the place it went to is its id. Nobody sees an attachment before a message
    /// names it, so after any failure another try is safe.
    pub(crate) async fn upload_attachment(&self, bytes: Vec<u8>) -> Result<String, CallError> {
        self.try_upload(bytes).await.map_err(|error| match error.failure {
            Failure::Unknown => CallError { failure: Failure::Transient, ..error },
            Failure::Transient | Failure::Permanent => error,
        })
    }

    async fn try_upload(&self, bytes: Vec<u8>) -> Result<String, CallError> {
        let call = Call::post_empty("POST /attachments", "/attachments".to_owned());
        let place: Place = self.api.call(call).await?;
        let call = Call::post_empty("PUT upload_url", String::new());
        let Some(url) = upload_url(self.api.base(), &place.upload_url) else {
            let why = "the place to upload to is no https address".to_owned();
            return Err(call.error(Failure::Permanent, Reason::Unreachable(why)));
        };
        // No token: the place belongs to a store that is not Mixin's. `Content-Length` is set, as
        // the body is in memory.
        let put = self.api.http().put(url).header("x-amz-acl", "public-read");
        let put = put.header(CONTENT_TYPE, "application/octet-stream").body(bytes);
        let answer = put.send().await.map_err(|error| unanswered(&call, error))?;
        let status = answer.status();
        if !status.is_success() {
            // The body may repeat the address, which holds a signature.
            let reason = Reason::NotUnderstood { status: status.as_u16(), start: String::new() };
            return Err(call.error(Failure::Transient, reason));
        }
        Ok(place.attachment_id)
    }
}

/// Where to upload to: `https`, or `http` on this machine if the API is there as well.
fn upload_url(base: &Url, text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    let is_local = url.scheme() == "http" && is_loopback(&url) && is_loopback(base);
    (url.scheme() == "https" || is_local).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_out_in_clear_only_on_this_machine() {
        let allowed = |base: &str, url: &str| upload_url(&base.parse().unwrap(), url).is_some();
        assert!(allowed("https://api.mixin.one", "https://store.example.com/a?sig=1"));
        assert!(allowed("http://127.0.0.1:1", "http://127.0.0.1:2/a"));
        assert!(!allowed("https://api.mixin.one", "http://store.example.com/a"));
        assert!(!allowed("https://api.mixin.one", "http://127.0.0.1:2/a"));
        assert!(!allowed("http://127.0.0.1:1", "http://store.example.com/a"));
        assert!(!allowed("https://api.mixin.one", "file:///etc/passwd"));
        assert!(!allowed("https://api.mixin.one", "no url"));
    }
}

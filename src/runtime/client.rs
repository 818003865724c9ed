//! One TLS policy for HTTP and WebSocket: ring, and root certificates that need nothing installed.

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio_tungstenite::Connector;
use url::{Host, Url};

/// How long a connection may take to come about.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take, its answer included.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
/// How we introduce ourselves.
pub const USER_AGENT: &str = concat!("mixpay-bot/", env!("CARGO_PKG_VERSION"));

/// Why a client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The TLS policy is not possible.
    #[error("the TLS policy is not possible")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Http(#[from] reqwest::Error),
}

/// Whether this URL leads to this machine itself.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().is_loopback(),
        None => false,
    }
}

/// The client for the service at `base`. Only a loopback service is reached without TLS, and
/// without the proxy that the environment may name. Redirects are not followed: a signed request
/// means what it says to its own address only.
pub fn http(base: &Url) -> Result<reqwest::Client, ClientError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls()?)
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_DEADLINE)
        .redirect(Policy::none());
    let builder = if is_loopback(base) { builder.no_proxy() } else { builder.https_only(true) };
    Ok(builder.build()?)
}

/// What makes the TLS connections of `wss://`.
pub fn connector() -> Result<Connector, ClientError> {
    Ok(Connector::Rustls(Arc::new(tls()?)))
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = rustls::crypto::ring::default_provider().into();
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080/", true),
            ("http://[::ffff:127.0.0.1]:8080/", true),
            ("ws://localhost/", true),
            ("ws://LOCALHOST/", true),
            ("https://api.mixin.one", false),
            ("http://127.0.0.1.example.com", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[tokio::test]
    async fn a_service_elsewhere_is_never_asked_without_tls() {
        let client = http(&"https://api.mixin.one".parse().unwrap()).unwrap();
        let error = client.get("http://192.0.2.1/").send().await.unwrap_err();
        assert!(error.is_builder(), "{error:?}");
        assert!(connector().is_ok());
    }
}

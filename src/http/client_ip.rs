//! Who calls: the address behind trusted proxies, and networks of addresses.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// The header in which proxies tell for whom they call.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// An address, or all addresses that begin alike: `52.198.117.57`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no address and no network such as 10.0.0.0/8")]
pub struct NetworkError {
    /// The text.
    pub found: String,
}

impl Network {
    /// Whether `address` is in this network. An IPv4 address in IPv6 clothes counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(Self).map_err(|_| NetworkError { found: text.to_owned() })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The address that a request really comes from: the nearest hop that is no trusted proxy.
///
/// `X-Forwarded-For` is read from the right, and only as far as the hop that wrote it is trusted;
/// what stands further left is what a stranger claims. `None` if a trusted proxy wrote something
/// that is no address.
pub fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let mut hops = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("").split(','))
        .collect::<Vec<_>>();
    let mut client = peer.to_canonical();
    while trusted.iter().any(|network| network.contains(client)) {
        match hops.pop() {
            Some(hop) => client = address_of(hop.trim())?.to_canonical(),
            None => break,
        }
    }
    Some(client)
}

/// An address with or without a port; some proxies write one.
fn address_of(hop: &str) -> Option<IpAddr> {
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_begin_alike() {
        for (network, address, inside) in [
            ("52.198.117.57", "52.198.117.57", true),
            ("52.198.117.57", "52.198.117.56", false),
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::1", "::1", true),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{network} {address}");
        }
        for bad in ["", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "10.0"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_header_is_believed_only_as_far_as_its_writers_are_trusted() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "127.0.0.1".parse().unwrap()];
        for (peer, lines, client) in [
            // A stranger may write what they like.
            ("203.0.113.9", &["52.198.117.57"][..], Some("203.0.113.9")),
            ("127.0.0.1", &["52.198.117.57"], Some("52.198.117.57")),
            ("127.0.0.1", &["1.1.1.1, 52.198.117.57"], Some("52.198.117.57")),
            ("127.0.0.1", &["1.1.1.1, 52.198.117.57,10.0.0.2"], Some("52.198.117.57")),
            ("127.0.0.1", &["52.198.117.57", "10.0.0.2"], Some("52.198.117.57")),
            ("127.0.0.1", &["10.0.0.3, 10.0.0.2"], Some("10.0.0.3")),
            ("127.0.0.1", &["52.198.117.57:4711"], Some("52.198.117.57")),
            ("127.0.0.1", &["[2001:db8::1]:4711"], Some("2001:db8::1")),
            ("::ffff:127.0.0.1", &["52.198.117.57"], Some("52.198.117.57")),
            ("127.0.0.1", &[], Some("127.0.0.1")),
            ("127.0.0.1", &["unknown"], None),
            ("127.0.0.1", &["52.198.117.57,"], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            let found = client_ip(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found, client.map(|text| text.parse().unwrap()), "{peer} {lines:?}");
        }
    }
}

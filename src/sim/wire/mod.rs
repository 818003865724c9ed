//! The wire: the world behind loopback servers that speak the protocols of Mixin and MixPay.
//!
//! The serialisers are written from the documents and shared with nobody. Every server looks at
//! the world's faults before it answers, and counts what it is answering.

mod blaze;
mod callbacks;
mod line;
mod mixin;
mod mixpay;
#[cfg(test)]
mod tests;
mod token;

use super::World;
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode},
    response::Response,
};
use futures::{FutureExt, StreamExt, stream};
use line::{Cut, Lines};
use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};
use tokio::{net::TcpListener, task::JoinSet};

use crate::sim::world::faults::{Service, Spoiled, Trouble, later};

/// Where the servers listen; port 0 is any free one.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// Their address.
    pub host: IpAddr,
    /// Mixin's HTTP API.
    pub mixin: u16,
    /// Mixin's WebSocket.
    pub blaze: u16,
    /// MixPay's API and its pages.
    pub mixpay: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self { host: Ipv4Addr::LOCALHOST.into(), mixin: 0, blaze: 0, mixpay: 0 }
    }
}

/// Where a client on this machine reaches a server: one that listens everywhere is on loopback too.
pub fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    address
}

/// Where a bot finds the simulated services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Mixin's HTTP API: `http://127.0.0.1:…`.
    pub mixin_api_url: String,
    /// Mixin's WebSocket: `ws://127.0.0.1:…/`.
    pub mixin_blaze_url: String,
    /// MixPay's API: `http://127.0.0.1:…/v1`.
    pub mixpay_api_url: String,
    /// MixPay's pages: `http://127.0.0.1:…`.
    pub mixpay_web_url: String,
}

/// The running servers; dropping them stops everything.
#[derive(Debug)]
pub struct Servers {
    endpoints: Endpoints,
    _tasks: JoinSet<()>,
    _stop: line::Stop,
}

impl Servers {
    /// Where they are.
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }
}

/// A request body has at most this many bytes; uploads are the largest.
const BODY_BYTES_MAX: usize = crate::sim::world::chat::ATTACHMENT_BYTES_MAX;

/// Puts the world behind servers, and starts to deliver callbacks and to do by itself what is due.
pub async fn serve(world: Arc<World>, ports: Ports) -> io::Result<Servers> {
    let stop = line::Stop::default();
    let bind = async |port: u16| {
        let listener = TcpListener::bind(SocketAddr::new(ports.host, port)).await?;
        let address = reachable(listener.local_addr()?);
        io::Result::Ok((listener, address))
    };
    let (mixin, mixin_at) = bind(ports.mixin).await?;
    let (blaze, blaze_at) = bind(ports.blaze).await?;
    let (mixpay, mixpay_at) = bind(ports.mixpay).await?;
    let deliverer = callbacks::client().map_err(io::Error::other)?;

    let mut tasks = JoinSet::new();
    let lines = |listener, service| Lines::new(listener, Arc::clone(&world), service, &stop);
    tasks.spawn(run(lines(mixin, Service::Mixin), mixin::answer, Arc::clone(&world)));
    tasks.spawn(run(lines(mixpay, Service::MixPay), mixpay::answer, Arc::clone(&world)));
    tasks.spawn(blaze::run(lines(blaze, Service::Mixin), Arc::clone(&world)));
    tasks.spawn(callbacks::run(deliverer, Arc::clone(&world)));
    tasks.spawn(callbacks::tick(Arc::clone(&world)));

    let endpoints = Endpoints {
        mixin_api_url: format!("http://{mixin_at}"),
        mixin_blaze_url: format!("ws://{blaze_at}/"),
        mixpay_api_url: format!("http://{mixpay_at}/v1"),
        mixpay_web_url: format!("http://{mixpay_at}"),
    };
    Ok(Servers { endpoints, _tasks: tasks, _stop: stop })
}

/// A request, read to its end.
struct Asked {
    method: Method,
    /// Path and query, exactly as they came: the token signs them.
    uri: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// An answer, or none.
enum Answer {
    This(Response),
    /// The connection breaks without a word.
    Cut,
    /// The connection stays open, and nothing comes.
    Never,
}

impl Asked {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }
}

/// Serves one HTTP service.
async fn run<F>(lines: Lines, answer: fn(Arc<World>, Asked) -> F, world: Arc<World>)
where
    F: Future<Output = Answer> + Send + 'static,
{
    let service = lines.service();
    let handle = move |State(world): State<Arc<World>>,
                       ConnectInfo(cut): ConnectInfo<Cut>,
                       request: Request| async move {
        let in_flight = world.request();
        let answer = match read(request).await {
            Some(asked) => answer(Arc::clone(&world), asked).await,
            None => Answer::Cut,
        };
        match answer {
            Answer::This(response) => match world.spoil(service) {
                None => response,
                Some(Spoiled::Broken) => break_off(response).await,
                Some(Spoiled::Unanswered) => {
                    drop(in_flight);
                    std::future::pending().await
                }
            },
            Answer::Never => {
                drop(in_flight);
                std::future::pending().await
            }
            Answer::Cut => {
                cut.cut();
                Response::default()
            }
        }
    };
    let router = Router::new().fallback(handle).with_state(world);
    let router = router.into_make_service_with_connect_info::<Cut>();
    // Serving ends only with the task: `Lines` waits on where a listener would give up.
    if let Err(error) = axum::serve(lines, router).await {
        tracing::error!(%error, "a simulated server ended");
    }
}

async fn read(request: Request) -> Option<Asked> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_BYTES_MAX).await.ok()?.to_vec();
    Some(Asked {
        method: parts.method,
        uri: parts.uri.path_and_query().map_or("/", |uri| uri.as_str()).to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    })
}

/// The trouble that a request is in, if it is in any, after its delay.
async fn trouble(world: &World, service: Service) -> Option<Trouble> {
    let (trouble, delay) = world.strike(service);
    if !delay.is_zero() {
        let clock = world.clock();
        clock.sleep_until(later(clock.now(), delay)).await;
    }
    trouble
}

/// A response that announces its whole body, and ends in the middle of it.
async fn break_off(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, BODY_BYTES_MAX).await.unwrap_or_default();
    parts.headers.insert("content-length", HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    // The pause lets the first half leave before the connection breaks.
    let pause = tokio::task::yield_now();
    let rest = pause.map(|()| Err(io::Error::from(io::ErrorKind::ConnectionReset)));
    let pieces = stream::iter([Ok(half)]).chain(stream::once(rest));
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    with_type(status, "application/json", value.to_string())
}

/// What a proxy says while the service is away.
fn proxy_page() -> Response {
    let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    with_type(StatusCode::BAD_GATEWAY, "text/html", page.to_owned())
}

fn with_type(status: StatusCode, media_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    set(&mut response, "content-type", media_type);
    response
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

//! Lines: connections that break when their service goes off the net, or when told to.

use crate::sim::{World, world::faults::Service};
use axum::{extract::connect_info::Connected, serve::IncomingStream};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// Breaks one connection, before anything more is written to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Cut {
    pub(super) fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Breaks every connection when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Stop(Cut);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.cut();
    }
}

/// A listener of one service.
pub(super) struct Lines {
    listener: TcpListener,
    gate: Gate,
}

/// What decides whether a connection may live.
#[derive(Debug, Clone)]
struct Gate {
    world: Arc<World>,
    service: Service,
    stop: Cut,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Line {
    stream: TcpStream,
    gate: Gate,
    cut: Cut,
}

impl Lines {
    pub(super) fn new(
        listener: TcpListener,
        world: Arc<World>,
        service: Service,
        stop: &Stop,
    ) -> Self {
        Self { listener, gate: Gate { world, service, stop: stop.0.clone() } }
    }

    pub(super) const fn service(&self) -> Service {
        self.gate.service
    }

    /// The next connection; while the service is off the net, none lives.
    pub(super) async fn next(&self) -> Line {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) if self.gate.is_open() => {
                    // Without it small frames wait for the acknowledgement of earlier ones.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "no TCP_NODELAY");
                    }
                    let (gate, cut) = (self.gate.clone(), Cut::default());
                    return Line { stream, gate, cut };
                }
                Ok(_refused) => {}
                // Out of file descriptors, most likely: others will be closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

impl Gate {
    fn is_open(&self) -> bool {
        !self.stop.0.load(Ordering::Acquire) && !self.world.is_offline(self.service)
    }
}

impl Line {
    fn check(&self) -> io::Result<()> {
        if self.gate.is_open() && !self.cut.0.load(Ordering::Acquire) {
            Ok(())
        } else {
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
    }
}

impl axum::serve::Listener for Lines {
    type Io = Line;
    type Addr = Cut;

    async fn accept(&mut self) -> (Line, Cut) {
        let line = self.next().await;
        let cut = line.cut.clone();
        (line, cut)
    }

    fn local_addr(&self) -> io::Result<Cut> {
        Ok(Cut::default())
    }
}

impl Connected<IncomingStream<'_, Lines>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.remote_addr().clone()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        match self.check() {
            Ok(()) => read,
            Err(broken) => Poll::Ready(Err(broken)),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

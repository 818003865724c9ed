//! `simulate --listen`: the simulated world behind sockets, for any bot in any language, until a signal.

use super::control;
use crate::{
    cli::{Failure, Simulate},
    ports::ids::Ids,
    runtime::{
        clock::SystemClock,
        ids::{SeededIds, SystemIds},
        stop::Stop,
        supervisor::Supervisor,
    },
    sim::{Endpoints, Ports, World, wire},
};
use anyhow::Context;
use serde_json::{Value, json};
use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
};
use tokio::net::TcpListener;

/// Serves at `address` (the control API; Mixin, Blaze and MixPay listen at the next three ports,
/// or at free ones if its port is 0) until the program is told to stop.
pub async fn run(
    address: SocketAddr,
    simulate: &Simulate,
    out: &mut (dyn Write + Send),
) -> Result<(), Failure> {
    let seed = simulate.seed.unwrap_or_else(|| SystemIds.bits());
    let world = World::new(Arc::new(SystemClock), Arc::new(SeededIds::new(seed)));
    let ports = ports(address)?;
    let servers = wire::serve(Arc::clone(&world), ports).await.with_context(|| {
        format!(
            "the simulated services cannot listen: they need {address} and the three ports after \
             it; port 0 takes free ones"
        )
    })?;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("the control API cannot listen at {address}"))?;
    let control_at = listener.local_addr().context("the control API has no address")?;
    let control_url = format!("http://{}", wire::reachable(control_at));

    let told = if simulate.json {
        format!("{}\n", one_line(&world, servers.endpoints(), &control_url)?)
    } else {
        in_words(&world, servers.endpoints(), &control_url)?
    };
    let stop = Stop::default();
    let mut supervisor = Supervisor::new(stop.clone());
    let intake = stop.intake.clone();
    supervisor.spawn("control", async move {
        let serving = axum::serve(listener, control::router(world));
        Ok(serving.with_graceful_shutdown(intake.cancelled_owned()).await?)
    });
    // Whoever reads where everything is may send a signal: it is printed once they are listened to.
    let work = async {
        print(out, &told)?;
        Ok(supervisor.run().await?)
    };
    let ended = stop.on_signals(work).await.context("signals cannot be listened to")?;
    drop(servers);
    ended
}

fn print(out: &mut (dyn Write + Send), told: &str) -> Result<(), Failure> {
    match out.write_all(told.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has read enough: the servers go on.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written.context("the endpoints cannot be printed")?),
    }
}

fn ports(address: SocketAddr) -> Result<Ports, Failure> {
    let base = address.port();
    let after = |steps: u16| match base {
        0 => Some(0),
        _ => base.checked_add(steps),
    };
    let ports = || {
        Some(Ports { host: address.ip(), mixin: after(1)?, blaze: after(2)?, mixpay: after(3)? })
    };
    ports().ok_or_else(|| {
        Failure::Setting(anyhow::anyhow!(
            "--listen {address}: the three ports after it are needed too, so that the port is at \
             most 65532, or 0 for free ones"
        ))
    })
}

fn keystore(world: &World) -> Result<Value, Failure> {
    Ok(serde_json::from_str(&world.keystore_json()).context("the world's keystore is JSON")?)
}

/// All that a program needs, as one line of JSON.
fn one_line(world: &World, at: &Endpoints, control_url: &str) -> Result<String, Failure> {
    let keystore = keystore(world)?;
    Ok(json!({
        "mixin_api_url": at.mixin_api_url,
        "mixin_blaze_url": at.mixin_blaze_url,
        "mixpay_api_url": at.mixpay_api_url,
        "control_url": control_url,
        "keystore": keystore,
    })
    .to_string())
}

/// The same for people.
fn in_words(world: &World, at: &Endpoints, control_url: &str) -> Result<String, Failure> {
    let keystore =
        serde_json::to_string_pretty(&keystore(world)?).context("JSON can be written")?;
    let Endpoints { mixin_api_url, mixin_blaze_url, mixpay_api_url, .. } = at;
    let number = world.bot_number();
    Ok(format!(
        "Mixin and MixPay are simulated here, until Ctrl-C or SIGTERM. For mixpay-bot:\n\n\
         export MIXPAY_BOT_MIXIN_API_URL={mixin_api_url}\n\
         export MIXPAY_BOT_MIXIN_BLAZE_URL={mixin_blaze_url}\n\
         export MIXPAY_BOT_MIXPAY_API_URL={mixpay_api_url}\n\n\
         Control API (SIMULATE.md): {control_url}\n\n\
         The keystore of the bot, whose Mixin ID is {number}:\n\n{keystore}\n"
    ))
}

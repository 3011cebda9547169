//! Takes the turns of an event loop, and between two of them looks after what lives outside it:
//! the log, and the service manager.
//!
//! It is here and not in the loop because a host program with a loop of its own has a log of its
//! own as well. Read next: [`EventLoop::turn`].

use std::io;

use super::log_flood::FLOOD_WINDOW_MS;
use super::log_setup::Log;
use super::service::Service;
use crate::event_loop::EventLoop;
use crate::machine::{Machine, Terminal};

/// Turns until the machine wants to exit, and returns the status it wants.
///
/// # Errors
///
/// Those of [`EventLoop::turn`].
pub fn run<M, T>(
    event_loop: &mut EventLoop<M, T>,
    log: &Log,
    service: &mut Service,
) -> io::Result<u8>
where
    M: Machine,
    T: Terminal<M::Command, Notice = M::Notice>,
{
    let status = loop {
        let sleeps = [log.may_wait(), service.may_wait(event_loop.now())];
        let exit = event_loop.turn(sleeps.into_iter().flatten().min())?;
        log.catch_up(event_loop.now());
        // Lines that must not go to stderr, because somebody is typing there.
        if let Some((lines, dropped)) = log.take_held() {
            event_loop.show_log(&lines, dropped);
        }
        if let Some(status) = exit {
            break status;
        }
        service.on_turn(event_loop.now());
    };
    service.stopping();
    event_loop.say_last_words()?;
    // The second that has begun ends here.
    log.catch_up(event_loop.now() + FLOOD_WINDOW_MS);
    Ok(status)
}

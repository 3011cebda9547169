//! Any service of the lab, as one machine.
//!
//! An event loop is compiled once for each type of machine. Ten loops were a fifth of the program,
//! so there is one type for all services. Each service is a machine of its own in [`crate::lab`].
//! Must decide nothing.

use super::Wall;
use super::folder::Folder;
use crate::lab::Notice;
use crate::lab::broadcast::Broadcast;
use crate::lab::client::LabClient;
use crate::lab::daytime::Daytime;
use crate::lab::dict::Dict;
use crate::lab::echo::Echo;
use crate::lab::reverb::Reverb;
use crate::lab::throughput::{Receiver, Sender};
use crate::lab::upper::Upper;
use crate::lab::web::Web;
use crate::machine::{Actions, Input, Machine, Millis, Typed};

/// The service that runs.
pub(super) enum AnyService {
    Broadcast(Broadcast),
    Client(LabClient),
    Daytime(Daytime<Wall>),
    Dict(Dict),
    Echo(Echo),
    Receiver(Receiver),
    Reverb(Reverb),
    Sender(Sender),
    Upper(Upper),
    Web(Web<Folder, Wall>),
}

/// Passes a call on to the service.
macro_rules! ask {
    ($service:expr, $it:ident => $question:expr) => {
        match $service {
            Self::Broadcast($it) => $question,
            Self::Client($it) => $question,
            Self::Daytime($it) => $question,
            Self::Dict($it) => $question,
            Self::Echo($it) => $question,
            Self::Receiver($it) => $question,
            Self::Reverb($it) => $question,
            Self::Sender($it) => $question,
            Self::Upper($it) => $question,
            Self::Web($it) => $question,
        }
    };
}

impl Machine for AnyService {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        ask!(self, it => it.handle(now, input, actions));
    }

    fn next_deadline(&self) -> Option<Millis> {
        ask!(self, it => it.next_deadline())
    }

    fn accepts_command(&self) -> bool {
        ask!(self, it => it.accepts_command())
    }
}

#[cfg(feature = "full")]
impl crate::recording::state::Recorded for AnyService {}

//! About this run: what identifies it, for whoever wants to check that two runs are the same.

use yew::prelude::*;

use crate::frame::Status;
use crate::scenario::MODEL;

use super::format;
use super::same::Same;

/// What is shown.
pub struct Props {
    /// How it stands.
    pub status: Same<Status>,
    /// Why the simulation runs on the page's own thread, if it does.
    pub inline: Option<String>,
}

/// About this run.
pub fn about(props: &Props) -> Html {
    let Status { seed, digest, events, issued, now_ms, .. } = &*props.status;
    let title = "A number for all outcomes so far: the same run has the same digest at the same moment, everywhere";
    html! {
        <p class="about" data-digest={digest.clone()} data-now-ms={now_ms.to_string()}>
            { format!("seed {seed} · model {MODEL} · {} requests · {} events · digest ", format::count(*issued), format::count(*events)) }
            <code title={title}>{ digest }</code>
            if let Some(reason) = &props.inline {
                { format!(" · runs on the page's own thread ({reason}), so the page may feel slow under heavy load") }
            }
        </p>
    }
}

//! What the visitor predicted and what came out, by claim.

use std::collections::BTreeMap;
use std::rc::Rc;

use yew::prelude::*;

use crate::course::account::Account;
use crate::course::experiments;

/// Experiments that were tried since the page was opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trials(Rc<BTreeMap<String, Trial>>);

/// An experiment that was tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trial {
    /// The index of the answer that the visitor gave before.
    pub answer: Option<usize>,
    /// How far it is, from 0 to 1, while it runs.
    pub share: Option<f64>,
    /// What came out.
    pub account: Option<Rc<Account>>,
}

impl Trials {
    /// The one of this claim, if it was tried.
    pub fn of(&self, claim: &str) -> Option<&Trial> {
        self.0.get(claim)
    }

    /// The visitor answers, or goes without an answer. Who runs it again has predicted what was predicted before.
    pub fn predict(&mut self, claim: &str, answer: Option<usize>) {
        let own = self.entry(claim);
        *own = Trial { answer: answer.or(own.answer), share: Some(0.0), account: None };
    }

    /// One is under way, and no other any more.
    pub fn progress(&mut self, claim: &str, share: f64) {
        Rc::make_mut(&mut self.0).values_mut().for_each(|trial| trial.share = None);
        self.entry(claim).share = Some(share);
    }

    /// One is over.
    pub fn finish(&mut self, account: Account) {
        let trial = self.entry(&account.id);
        trial.share = None;
        trial.account = Some(Rc::new(account));
    }

    fn entry(&mut self, claim: &str) -> &mut Trial {
        Rc::make_mut(&mut self.0).entry(claim.to_owned()).or_default()
    }
}

/// How a claim stands, beside its name: nothing before it was tried.
pub fn verdict(trials: &Trials, claim: &str) -> Html {
    let Some(trial) = trials.of(claim) else { return Html::default() };
    let Some(account) = &trial.account else { return Html::default() };
    let right = experiments::find(claim).ok().map(|experiment| experiment.question.right);
    let predicted = match trial.answer {
        Some(answer) if Some(answer) == right => ", as you predicted",
        Some(_) => ", not as you predicted",
        None => "",
    };
    let (class, mark, text) = if account.holds { ("holds", "✓", "holds") } else { ("fails", "✗", "does not hold") };
    html! { <p class={classes!("verdict", class)}><i aria-hidden="true">{ mark }</i>{ " " }{ text }{ predicted }</p> }
}

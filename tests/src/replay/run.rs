//! Plays one case against a server of ours.

use anyhow::{Context, Result};
use bytes::Bytes;

use super::carry::{self, Reading, listener};
use super::compare::{same, same_without_copies};
use super::difference::{Differences, Ours};
use super::recording::{self, Case, Compare, Request, Response};
use super::report::Report;
use super::rules::Rules;
use super::settle::settle;
use super::site::{AgentIs, Site};
use crate::binaries::Binary;
use crate::server::Server;
use crate::{grpc, http};

/// Everything that a run of all cases carries along.
pub struct Run {
    pub rules: Rules,
    pub differences: Differences,
    pub report: Report,
    agent: AgentIs,
}

impl Run {
    pub fn new(agent: AgentIs) -> Result<Self> {
        let (rules, differences) = (Rules::read()?, Differences::read()?);
        Ok(Self { rules, differences, report: Report::default(), agent })
    }

    /// Starts a server with the flags of the case, sends its inputs and asks its exchanges.
    pub async fn play(&mut self, case: &Case) -> Result<()> {
        let mut inputs = Vec::new();
        for name in &case.inputs {
            inputs.push((name.clone(), recording::input(name)?));
        }
        let names: Vec<_> = inputs.iter().map(|(name, input)| (name.clone(), input.via.clone())).collect();
        if let Some(what) = self.rules.case_waits(case, &names) {
            self.report.waiting(&case.name, what, case.exchanges.len());
            return Ok(());
        }
        let flags: Vec<&str> = case.flags.iter().map(String::as_str).filter(|flag| !self.left_out(flag)).collect();
        let files: Vec<_> = case.strategies_file.iter().map(|text| ("strategies.json", text.as_str())).collect();
        if case.start.is_some() {
            let refusal = Server::refuse(Binary::AllInOne, &flags, &files).await.context(case.name.clone())?;
            if refusal.status.success() {
                self.report.different(&case.name, "start", "the server ended without an error");
            } else {
                self.report.equal(&case.name);
            }
            return Ok(());
        }
        let site = Site::start(self.agent, &flags, &files).await.context(case.name.clone())?;
        let mut datagrams = 0;
        for (name, input) in &inputs {
            let (replies, packets) = carry::send(&site, input).await.context(case.name.clone())?;
            datagrams += packets;
            // In the order of sending, since raw answers show the order of arrival.
            if packets > 0 {
                settle(site.agent(), datagrams).await.context(case.name.clone())?;
            }
            let expected = case.sent.iter().find(|sent| sent.input == *name).and_then(|sent| sent.answer.clone());
            for (reply, expected) in replies.into_iter().flatten().zip(expected) {
                self.judge(case, &format!("send {name}"), Compare::Exact, &expected, &reply);
            }
        }
        for index in 0..case.exchanges.len() {
            let exchange = &case.exchanges[index];
            if let Some(what) = self.rules.exchange_waits(case, &exchange.request) {
                self.report.waiting(&case.name, what, 1);
                continue;
            }
            let answer = ask(&site, &exchange.request).await?;
            self.judge(case, &exchange.request.title(), exchange.compare, &case.response(index)?, &answer);
        }
        site.stop().await.context(case.name.clone())
    }

    fn left_out(&self, flag: &str) -> bool {
        self.rules.leave_out_flag.iter().any(|rule| rule.flag == flag)
    }

    fn judge(&mut self, case: &Case, title: &str, rule: Compare, expected: &Response, answer: &Reading) {
        let Err(how) = same(rule, expected, answer, &self.rules) else {
            self.report.equal(&case.name);
            return;
        };
        let (status, body) = match answer {
            Reading::Http(answer) => (answer.status.to_string(), answer.text()),
            Reading::Grpc(answer) => (answer.status.clone(), answer.message.clone()),
        };
        let only_copies = same_without_copies(expected, answer, &self.rules).is_ok();
        let ours = Ours { status: &status, body: &body, only_copies };
        match self.differences.explain(&case.name, title, &ours) {
            Some(entry) => self.report.on_purpose(&case.name, &entry.why),
            None => self.report.different(&case.name, title, &how),
        }
    }
}

async fn ask(site: &Site, request: &Request) -> Result<Reading> {
    let (port, path) = request.port_and_path()?;
    let address = site.address(listener(port)?)?;
    let body: Bytes = request.bytes()?;
    if request.is_grpc() {
        return Ok(Reading::Grpc(grpc::call(address, path, &request.metadata, body).await?));
    }
    let headers: Vec<_> = request.headers.clone().into_iter().collect();
    Ok(Reading::Http(http::send(address, &request.method, path, &headers, body).await?))
}

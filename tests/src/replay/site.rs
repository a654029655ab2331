//! What a case is played against: all-in-one alone, or with the agent as a process of its own in front of it.

use std::net::SocketAddr;

use anyhow::Result;

use crate::binaries::Binary;
use crate::server::Server;

/// Where the agent of a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentIs {
    InAllInOne,
    Separate,
}

pub struct Site {
    all_in_one: Server,
    agent: Option<Server>,
}

impl Site {
    /// The flags are those of all-in-one; a separate agent gets its collector's address and nothing else.
    pub async fn start(agent: AgentIs, flags: &[&str], files: &[(&str, &str)]) -> Result<Self> {
        let all_in_one = Server::start_with_files(Binary::AllInOne, flags, files).await?;
        let agent = match agent {
            AgentIs::InAllInOne => None,
            AgentIs::Separate => {
                let collector = format!("--reporter.grpc.host-port={}", all_in_one.address("collector.grpc")?);
                Some(Server::start(Binary::Agent, &[&collector]).await?)
            }
        };
        Ok(Self { all_in_one, agent })
    }

    /// The process that the agent is in.
    pub fn agent(&self) -> &Server {
        self.agent.as_ref().unwrap_or(&self.all_in_one)
    }

    pub fn address(&self, listener: &str) -> Result<SocketAddr> {
        let server = if listener.starts_with("agent.") { self.agent() } else { &self.all_in_one };
        server.address(listener)
    }

    pub async fn stop(self) -> Result<()> {
        if let Some(agent) = self.agent {
            agent.stop().await?;
        }
        self.all_in_one.stop().await.map(drop)
    }
}

//! One answer for each service, by Go Jaeger's rules for strategies files.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jaeger_wire::sampling::{
    OperationSamplingStrategy, PerOperationSamplingStrategies, ProbabilisticSamplingStrategy,
    RateLimitingSamplingStrategy, SamplingStrategyResponse, SamplingStrategyType,
};
use serde::Deserialize;

/// The probability where nobody says one.
const DEFAULT_PROBABILITY: f64 = 0.001;

/// The strategies in force; replaced whole when the file changes.
#[derive(Debug)]
pub struct SamplingStrategies(ArcSwap<Table>);

#[derive(Debug)]
struct Table {
    default: Arc<SamplingStrategyResponse>,
    services: HashMap<String, Arc<SamplingStrategyResponse>>,
}

/// How a service without operations of its own gets the default's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inherit {
    /// Only probabilistic services do: what Go does at start without `--sampling.strategies.bugfix-5270`.
    Probabilistic,
    /// All do: with the flag, and at every reload.
    All,
}

impl Default for SamplingStrategies {
    /// Every service records one trace in a thousand.
    fn default() -> Self {
        let default = Arc::new(probabilistic(DEFAULT_PROBABILITY));
        Self(ArcSwap::from_pointee(Table { default, services: HashMap::new() }))
    }
}

impl SamplingStrategies {
    /// The answer for a service; one that the file does not name gets the default.
    #[must_use]
    pub fn of(&self, service: &str) -> Arc<SamplingStrategyResponse> {
        let table = self.0.load();
        Arc::clone(table.services.get(service).unwrap_or(&table.default))
    }

    /// Puts the strategies of a file's text in force.
    pub(super) fn replace(&self, text: &[u8], inherit: Inherit) -> Result<(), serde_json::Error> {
        // `null` is a file without strategies.
        let file: Option<File> = serde_json::from_slice(text)?;
        self.0.store(Arc::new(file.unwrap_or_default().table(inherit)));
        Ok(())
    }
}

#[derive(Debug, Default, Deserialize)]
struct File {
    default_strategy: Option<Strategy>,
    service_strategies: Option<Vec<Option<Strategy>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Strategy {
    service: Option<String>,
    operation: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    param: Option<f64>,
    operation_strategies: Option<Vec<Option<Strategy>>>,
}

impl File {
    fn table(self, inherit: Inherit) -> Table {
        let default = self.default_strategy.map_or_else(|| probabilistic(DEFAULT_PROBABILITY), |own| own.of_service());
        let mut services = HashMap::new();
        for strategy in self.service_strategies.into_iter().flatten().flatten() {
            let mut answer = strategy.of_service();
            if let Some(theirs) = &default.operation_sampling {
                complete(&mut answer, theirs, inherit);
            }
            // Of a service that stands twice the later counts.
            services.insert(strategy.service.unwrap_or_default(), Arc::new(answer));
        }
        Table { default: Arc::new(default), services }
    }
}

impl Strategy {
    /// The strategy with its operations, before the default's are added.
    fn of_service(&self) -> SamplingStrategyResponse {
        let mut answer = self.alone();
        let operations = self.operation_strategies.as_deref().unwrap_or_default();
        if operations.is_empty() {
            return answer;
        }
        let own_rate = answer.probabilistic_sampling.as_ref().map(|own| own.sampling_rate);
        answer.operation_sampling = Some(PerOperationSamplingStrategies {
            default_sampling_probability: own_rate.unwrap_or(DEFAULT_PROBABILITY),
            per_operation_strategies: operations.iter().flatten().filter_map(Self::of_operation).collect(),
            ..PerOperationSamplingStrategies::default()
        });
        answer
    }

    fn of_operation(&self) -> Option<OperationSamplingStrategy> {
        let operation = self.operation.clone().unwrap_or_default();
        let answer = self.alone();
        if answer.probabilistic_sampling.is_none() {
            tracing::warn!(operation, "An operation's sampling strategy must be probabilistic; this one is left out");
        }
        answer
            .probabilistic_sampling
            .map(|own| OperationSamplingStrategy { operation, probabilistic_sampling: Some(own) })
    }

    /// The strategy without its operations.
    fn alone(&self) -> SamplingStrategyResponse {
        let param = self.param.unwrap_or_default();
        match self.kind.as_deref().unwrap_or_default() {
            "probabilistic" => probabilistic(param),
            "ratelimiting" => SamplingStrategyResponse {
                strategy_type: SamplingStrategyType::RateLimiting.into(),
                rate_limiting_sampling: Some(RateLimitingSamplingStrategy { max_traces_per_second: whole(param) }),
                ..SamplingStrategyResponse::default()
            },
            other => {
                tracing::warn!(
                    r#type = other,
                    "A sampling strategy's type is neither probabilistic nor ratelimiting; it counts as probabilistic with {DEFAULT_PROBABILITY}"
                );
                probabilistic(DEFAULT_PROBABILITY)
            }
        }
    }
}

/// Adds the default's operations to those of a service.
fn complete(answer: &mut SamplingStrategyResponse, default: &PerOperationSamplingStrategies, inherit: Inherit) {
    if let Some(own) = &mut answer.operation_sampling {
        for theirs in &default.per_operation_strategies {
            if !own.per_operation_strategies.iter().any(|own| own.operation == theirs.operation) {
                own.per_operation_strategies.push(theirs.clone());
            }
        }
        return;
    }
    let own_rate = answer.probabilistic_sampling.as_ref().map(|own| own.sampling_rate);
    if own_rate.is_none() && inherit == Inherit::Probabilistic {
        return;
    }
    let mut theirs = default.clone();
    theirs.default_sampling_probability = own_rate.unwrap_or(theirs.default_sampling_probability);
    answer.operation_sampling = Some(theirs);
}

fn probabilistic(rate: f64) -> SamplingStrategyResponse {
    SamplingStrategyResponse {
        strategy_type: SamplingStrategyType::Probabilistic.into(),
        probabilistic_sampling: Some(ProbabilisticSamplingStrategy { sampling_rate: rate }),
        ..SamplingStrategyResponse::default()
    }
}

/// Cut toward zero.
#[expect(clippy::cast_possible_truncation, reason = "a rate beyond i32 saturates")]
fn whole(param: f64) -> i32 {
    param as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
        "default_strategy": {"type": "probabilistic", "param": 0.5, "operation_strategies": [
            {"operation": "/health", "type": "probabilistic", "param": 0.0},
            {"operation": "op1", "type": "probabilistic", "param": 0.4}]},
        "service_strategies": [
            {"service": "own", "type": "probabilistic", "param": 0.8, "operation_strategies": [
                {"operation": "op1", "type": "probabilistic", "param": 0.2},
                {"operation": "op2", "type": "ratelimiting", "param": 3}]},
            {"service": "limited", "type": "ratelimiting", "param": 5.9},
            {"service": "plain", "type": "probabilistic", "param": 1},
            {"service": "odd", "type": "Probabilistic", "param": 0.3}, null]}"#;

    fn strategies(text: &str, inherit: Inherit) -> SamplingStrategies {
        let strategies = SamplingStrategies::default();
        strategies.replace(text.as_bytes(), inherit).expect("JSON");
        strategies
    }

    /// `rate or limit; default probability: operations`
    fn shown(strategies: &SamplingStrategies, service: &str) -> String {
        let answer = strategies.of(service);
        let rate = answer.probabilistic_sampling.as_ref().map(|own| own.sampling_rate.to_string());
        let limit = answer.rate_limiting_sampling.as_ref().map(|own| own.max_traces_per_second.to_string());
        let operations = answer.operation_sampling.as_ref().map_or(String::new(), |all| {
            let each = all.per_operation_strategies.iter();
            let each = each.map(|one| (one.operation.as_str(), one.probabilistic_sampling.as_ref()));
            let each: Vec<_> =
                each.map(|(name, own)| format!("{name}={}", own.map_or(-1.0, |own| own.sampling_rate))).collect();
            format!("; {}: {}", all.default_sampling_probability, each.join(" "))
        });
        format!("{}{operations}", rate.or(limit).unwrap_or_default())
    }

    #[test]
    fn services_get_their_operations_and_the_defaults() {
        let strategies = strategies(FILE, Inherit::Probabilistic);
        for (service, wanted) in [
            ("own", "0.8; 0.8: op1=0.2 /health=0"),
            ("limited", "5"),
            ("plain", "1; 1: /health=0 op1=0.4"),
            ("odd", "0.001; 0.001: /health=0 op1=0.4"),
            ("unnamed", "0.5; 0.5: /health=0 op1=0.4"),
        ] {
            assert_eq!(shown(&strategies, service), wanted, "{service}");
        }
    }

    #[test]
    fn with_the_fix_limited_services_inherit_too() {
        assert_eq!(shown(&strategies(FILE, Inherit::All), "limited"), "5; 0.5: /health=0 op1=0.4");
    }

    #[test]
    fn files_without_strategies_leave_one_in_a_thousand() {
        for text in ["null", "{}", r#"{"default_strategy":null,"service_strategies":null}"#] {
            assert_eq!(shown(&strategies(text, Inherit::Probabilistic), "any"), "0.001", "{text}");
        }
        for text in ["", "{bad", r#"{"default_strategy": 5}"#] {
            assert!(SamplingStrategies::default().replace(text.as_bytes(), Inherit::All).is_err(), "{text}");
        }
    }

    #[test]
    fn of_a_service_that_stands_twice_the_later_counts() {
        let text = r#"{"service_strategies":[{"service":"two","type":"probabilistic","param":0.1},
            {"service":"two","type":"probabilistic","param":0.2}]}"#;
        assert_eq!(shown(&strategies(text, Inherit::All), "two"), "0.2");
    }
}

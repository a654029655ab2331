//! `SamplingManager::getSamplingStrategy`: a service's name in, its strategy out. Rates have 16 bits here.

use super::batches::whole;
use super::text;
use crate::DecodeError;
use crate::error::Fault;
use crate::sampling::{
    OperationSamplingStrategy, PerOperationSamplingStrategies, ProbabilisticSamplingStrategy,
    RateLimitingSamplingStrategy, RateTooLarge, SamplingStrategyResponse,
};
use crate::thrift::{BinaryReader, BinaryWriter, Kind, Reader, Writer as _, skip};

/// Writes the question.
pub fn encode_question(service: &str, out: &mut Vec<u8>) {
    BinaryWriter::field(out, 0, 1, Kind::Binary);
    BinaryWriter::binary(out, service.as_bytes());
    BinaryWriter::stop(out);
}

/// Reads the question: the service's name.
///
/// # Errors
/// [`DecodeError`] with the place in the arguments.
pub fn decode_question(body: &[u8]) -> Result<String, DecodeError> {
    whole(body, |reader| {
        let mut service = String::new();
        fields(reader, |reader, id, kind| {
            match (id, kind) {
                (1, Kind::Binary) => service = text::owned(reader.binary("serviceName")?),
                _ => skip(reader, kind)?,
            }
            Ok(())
        })?;
        Ok(service)
    })
}

/// Writes the answer.
///
/// # Errors
/// [`RateTooLarge`], and then `out` is as it was before.
pub fn encode_answer(answer: &SamplingStrategyResponse, out: &mut Vec<u8>) -> Result<(), RateTooLarge> {
    let rate = answer.rate_limiting_sampling.as_ref().map(|limit| limit.max_traces_per_second);
    let rate = rate.map(|rate| i16::try_from(rate).map_err(|_| RateTooLarge(rate))).transpose()?;
    BinaryWriter::field(out, 0, 0, Kind::Struct);
    BinaryWriter::field(out, 0, 1, Kind::I32);
    BinaryWriter::i32(out, answer.strategy_type);
    if let Some(strategy) = &answer.probabilistic_sampling {
        BinaryWriter::field(out, 1, 2, Kind::Struct);
        put_probabilistic(out, strategy);
    }
    if let Some(rate) = rate {
        BinaryWriter::field(out, 2, 3, Kind::Struct);
        BinaryWriter::field(out, 0, 1, Kind::I16);
        out.extend_from_slice(&rate.to_be_bytes());
        BinaryWriter::stop(out);
    }
    if let Some(strategies) = &answer.operation_sampling {
        BinaryWriter::field(out, 3, 4, Kind::Struct);
        put_operations(out, strategies);
    }
    BinaryWriter::stop(out);
    BinaryWriter::stop(out);
    Ok(())
}

fn put_double(out: &mut Vec<u8>, before: i16, id: i16, value: f64) {
    BinaryWriter::field(out, before, id, Kind::Double);
    BinaryWriter::double(out, value);
}

fn put_probabilistic(out: &mut Vec<u8>, strategy: &ProbabilisticSamplingStrategy) {
    put_double(out, 0, 1, strategy.sampling_rate);
    BinaryWriter::stop(out);
}

fn put_operations(out: &mut Vec<u8>, strategies: &PerOperationSamplingStrategies) {
    put_double(out, 0, 1, strategies.default_sampling_probability);
    put_double(out, 1, 2, strategies.default_lower_bound_traces_per_second);
    BinaryWriter::field(out, 2, 3, Kind::List);
    BinaryWriter::list(out, Kind::Struct, strategies.per_operation_strategies.len());
    for strategy in &strategies.per_operation_strategies {
        BinaryWriter::field(out, 0, 1, Kind::Binary);
        BinaryWriter::binary(out, strategy.operation.as_bytes());
        // The definition wants one; api_v2 may have none, which there reads as 0.
        BinaryWriter::field(out, 1, 2, Kind::Struct);
        put_probabilistic(out, &strategy.probabilistic_sampling.unwrap_or_default());
        BinaryWriter::stop(out);
    }
    put_double(out, 3, 4, strategies.default_upper_bound_traces_per_second);
    BinaryWriter::stop(out);
}

/// Reads the answer.
///
/// # Errors
/// [`DecodeError`] with the place in the answer.
pub fn decode_answer(body: &[u8]) -> Result<SamplingStrategyResponse, DecodeError> {
    whole(body, |reader| {
        let mut answer = None;
        fields(reader, |reader, id, kind| {
            match (id, kind) {
                (0, Kind::Struct) => answer = Some(response(reader)?),
                _ => skip(reader, kind)?,
            }
            Ok(())
        })?;
        answer.ok_or_else(|| DecodeError::missing("result.success"))
    })
}

fn response(reader: &mut BinaryReader<'_>) -> Result<SamplingStrategyResponse, Fault> {
    let mut answer = SamplingStrategyResponse::default();
    let mut typed = false;
    fields(reader, |reader, id, kind| {
        match (id, kind) {
            (1, Kind::I32) => {
                answer.strategy_type = reader.i32("strategyType")?;
                typed = true;
            }
            (2, Kind::Struct) => answer.probabilistic_sampling = Some(probabilistic(reader)?),
            (3, Kind::Struct) => answer.rate_limiting_sampling = Some(rate_limiting(reader)?),
            (4, Kind::Struct) => answer.operation_sampling = Some(operations(reader)?),
            _ => skip(reader, kind)?,
        }
        Ok(())
    })?;
    if typed { Ok(answer) } else { Err(DecodeError::missing("SamplingStrategyResponse.strategyType")) }
}

fn probabilistic(reader: &mut BinaryReader<'_>) -> Result<ProbabilisticSamplingStrategy, Fault> {
    let mut strategy = ProbabilisticSamplingStrategy::default();
    fields(reader, |reader, id, kind| {
        match (id, kind) {
            (1, Kind::Double) => strategy.sampling_rate = reader.double("samplingRate")?,
            _ => skip(reader, kind)?,
        }
        Ok(())
    })?;
    Ok(strategy)
}

fn rate_limiting(reader: &mut BinaryReader<'_>) -> Result<RateLimitingSamplingStrategy, Fault> {
    let mut strategy = RateLimitingSamplingStrategy::default();
    fields(reader, |reader, id, kind| {
        match (id, kind) {
            (1, Kind::I16) => strategy.max_traces_per_second = reader.i16("maxTracesPerSecond")?.into(),
            _ => skip(reader, kind)?,
        }
        Ok(())
    })?;
    Ok(strategy)
}

fn operations(reader: &mut BinaryReader<'_>) -> Result<PerOperationSamplingStrategies, Fault> {
    let mut strategies = PerOperationSamplingStrategies::default();
    fields(reader, |reader, id, kind| {
        match (id, kind) {
            (1, Kind::Double) => strategies.default_sampling_probability = reader.double("default probability")?,
            (2, Kind::Double) => {
                strategies.default_lower_bound_traces_per_second = reader.double("default lower bound")?;
            }
            (3, Kind::List) => strategies.per_operation_strategies = list(reader)?,
            (4, Kind::Double) => {
                strategies.default_upper_bound_traces_per_second = reader.double("default upper bound")?;
            }
            _ => skip(reader, kind)?,
        }
        Ok(())
    })?;
    Ok(strategies)
}

fn list(reader: &mut BinaryReader<'_>) -> Result<Vec<OperationSamplingStrategy>, Fault> {
    const WHAT: &str = "perOperationStrategies";
    let (kind, len) = reader.list(WHAT)?;
    if kind != Kind::Struct {
        return Err(DecodeError::malformed(WHAT, format!("a list of {kind:?}, not of structs")).into());
    }
    let mut all = Vec::new();
    for _ in 0..len {
        let mut strategy = OperationSamplingStrategy::default();
        fields(reader, |reader, id, kind| {
            match (id, kind) {
                (1, Kind::Binary) => strategy.operation = text::owned(reader.binary("operation")?),
                (2, Kind::Struct) => strategy.probabilistic_sampling = Some(probabilistic(reader)?),
                _ => skip(reader, kind)?,
            }
            Ok(())
        })?;
        all.push(strategy);
    }
    Ok(all)
}

/// Gives each field of a struct to `read`.
fn fields<'a>(
    reader: &mut BinaryReader<'a>,
    mut read: impl FnMut(&mut BinaryReader<'a>, i16, Kind) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        read(reader, field.id, field.kind)?;
    }
    Ok(())
}

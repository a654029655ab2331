//! How a service is to sample, as its client reads it from an agent's or a collector's `/sampling` page: the JSON that
//! [`sampling`](crate) writes, in either of its two forms, and what other versions of Jaeger make of it.

use crate::DecodeError;
use crate::json::Reader;

/// An answer of the sampling page.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answer {
    /// The one probability, where there is one.
    pub probability: Option<f64>,
    /// The one bound, where there is one: traces a second.
    pub traces_per_second: Option<f64>,
    /// What is said about single operations, where something is.
    pub operations: Option<Operations>,
}

/// What is said about single operations.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Operations {
    /// The probability of operations that have none of their own.
    pub default_probability: f64,
    /// So many traces a second each operation may have whatever its probability.
    pub lower_bound_per_second: f64,
    /// Operations and their probabilities.
    pub each: Vec<(String, f64)>,
}

impl Answer {
    /// Reads an answer; fields that are not known are passed over, and so is the type, which only repeats what is there.
    ///
    /// # Errors
    /// [`DecodeError`] where `json` is anything else than one object of this kind.
    pub fn from_json(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(json);
        let mut answer = Self::default();
        reader.object(|reader, key| match key {
            b"probabilisticSampling" => member(reader, b"samplingRate", &mut answer.probability),
            b"rateLimitingSampling" => member(reader, b"maxTracesPerSecond", &mut answer.traces_per_second),
            b"operationSampling" => {
                if !reader.null()? {
                    answer.operations = Some(operations(reader)?);
                }
                Ok(())
            }
            _ => reader.skip(),
        })?;
        reader.end()?;
        Ok(answer)
    }
}

/// Reads an object of one number; an object without it says 0, as Go's encoders leave zeros out.
fn member(reader: &mut Reader<'_>, name: &[u8], into: &mut Option<f64>) -> Result<(), DecodeError> {
    if reader.null()? {
        return Ok(());
    }
    let mut found = 0.0;
    reader.object(|reader, key| {
        if key == name {
            found = reader.double()?;
            return Ok(());
        }
        reader.skip()
    })?;
    *into = Some(found);
    Ok(())
}

fn operations(reader: &mut Reader<'_>) -> Result<Operations, DecodeError> {
    let mut all = Operations::default();
    reader.object(|reader, key| match key {
        b"defaultSamplingProbability" => {
            all.default_probability = reader.double()?;
            Ok(())
        }
        b"defaultLowerBoundTracesPerSecond" => {
            all.lower_bound_per_second = reader.double()?;
            Ok(())
        }
        b"perOperationStrategies" => reader.array(|reader| {
            let (mut name, mut probability) = (String::new(), None);
            reader.object(|reader, key| match key {
                b"operation" => {
                    name = String::from_utf8_lossy(&reader.text()?).into_owned();
                    Ok(())
                }
                b"probabilisticSampling" => member(reader, b"samplingRate", &mut probability),
                _ => reader.skip(),
            })?;
            if let Some(probability) = probability {
                all.each.push((name, probability));
            }
            Ok(())
        }),
        _ => reader.skip(),
    })?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: Answer) {
        assert_eq!(Answer::from_json(json.as_bytes()), Ok(expected));
    }

    #[test]
    fn one_probability_with_the_type_by_name_or_number() {
        for kind in ["\"PROBABILISTIC\"", "0"] {
            let json = format!(r#"{{"strategyType":{kind},"probabilisticSampling":{{"samplingRate":0.25}}}}"#);
            check(&json, Answer { probability: Some(0.25), ..Answer::default() });
        }
    }

    #[test]
    fn one_rate() {
        check(
            r#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":5}}"#,
            Answer { traces_per_second: Some(5.0), ..Answer::default() },
        );
    }

    #[test]
    fn operations_stand_beside_the_one_probability() {
        let json = r#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.8},"operationSampling":
            {"defaultSamplingProbability":0.8,"defaultLowerBoundTracesPerSecond":0.5,"perOperationStrategies":[
            {"operation":"op1","probabilisticSampling":{"samplingRate":0.2}},{"operation":"none"}],
            "defaultUpperBoundTracesPerSecond":0}}"#;
        let operations =
            Operations { default_probability: 0.8, lower_bound_per_second: 0.5, each: vec![("op1".to_owned(), 0.2)] };
        check(json, Answer { probability: Some(0.8), operations: Some(operations), ..Answer::default() });
    }

    #[test]
    fn a_zero_that_was_left_out_is_a_zero_and_null_is_nothing() {
        check(
            r#"{"probabilisticSampling":{},"rateLimitingSampling":null}"#,
            Answer { probability: Some(0.0), ..Answer::default() },
        );
    }

    #[test]
    fn other_texts_are_no_answer() {
        for json in ["", "[]", "{", "{} {}", r#"{"probabilisticSampling":5}"#, "not found"] {
            assert!(Answer::from_json(json.as_bytes()).is_err(), "{json}");
        }
    }
}

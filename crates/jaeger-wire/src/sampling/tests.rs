use super::*;

fn probabilistic(rate: f64) -> SamplingStrategyResponse {
    SamplingStrategyResponse {
        probabilistic_sampling: Some(ProbabilisticSamplingStrategy { sampling_rate: rate }),
        ..SamplingStrategyResponse::default()
    }
}

fn rate_limiting(rate: i32) -> SamplingStrategyResponse {
    SamplingStrategyResponse {
        strategy_type: SamplingStrategyType::RateLimiting.into(),
        rate_limiting_sampling: Some(RateLimitingSamplingStrategy { max_traces_per_second: rate }),
        ..SamplingStrategyResponse::default()
    }
}

#[test]
fn both_forms_are_what_go_writes() {
    let check = |answer: &SamplingStrategyResponse, named: &str, numbered: &str| {
        assert_eq!(to_json(answer, Form::Named).as_deref(), Ok(named));
        assert_eq!(to_json(answer, Form::Numbered).as_deref(), Ok(numbered));
    };
    check(
        &probabilistic(0.001),
        r#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.001}}"#,
        r#"{"strategyType":0,"probabilisticSampling":{"samplingRate":0.001}}"#,
    );
    check(
        &rate_limiting(-1),
        r#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":-1}}"#,
        r#"{"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":-1}}"#,
    );
}

#[test]
fn operations_are_listed_with_their_names_escaped() {
    let operation = OperationSamplingStrategy {
        operation: "<op>&\"\u{2028}".into(),
        probabilistic_sampling: Some(ProbabilisticSamplingStrategy { sampling_rate: 1e-7 }),
    };
    let mut answer = probabilistic(1.0);
    answer.operation_sampling = Some(PerOperationSamplingStrategies {
        default_sampling_probability: 1.0 / 3.0,
        per_operation_strategies: vec![operation.clone(), operation],
        ..PerOperationSamplingStrategies::default()
    });
    let one = r#"{"operation":"\u003cop\u003e\u0026\"\u2028","probabilisticSampling":{"samplingRate":1e-7}}"#;
    let expected = format!(
        "{{\"strategyType\":\"PROBABILISTIC\",\"probabilisticSampling\":{{\"samplingRate\":1}},\
         \"operationSampling\":{{\"defaultSamplingProbability\":0.3333333333333333,\
         \"defaultLowerBoundTracesPerSecond\":0,\"perOperationStrategies\":[{one},{one}],\
         \"defaultUpperBoundTracesPerSecond\":0}}}}"
    );
    assert_eq!(to_json(&answer, Form::Named), Ok(expected));
}

#[test]
fn the_numbered_form_has_no_room_for_rates_over_16_bits() {
    assert_eq!(to_json(&rate_limiting(32_767), Form::Numbered).map(|json| json.len()), Ok(70));
    assert_eq!(to_json(&rate_limiting(40_000), Form::Numbered), Err(RateTooLarge(40_000)));
    assert_eq!(to_json(&rate_limiting(40_000), Form::Named).map(|json| json.len()), Ok(84));
}

#[test]
fn numbers_have_an_exponent_where_go_writes_one() {
    let text = |number| {
        let mut out = String::new();
        push_number(&mut out, number);
        out
    };
    for (number, expected) in [
        (0.0, "0"),
        (100.0, "100"),
        (1e-6, "0.000001"),
        (9.5e-7, "9.5e-7"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-2.5e22, "-2.5e+22"),
        (f64::NAN, "\"NaN\""),
    ] {
        assert_eq!(text(number), expected);
    }
}

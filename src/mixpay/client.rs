//! `MixPay`: the client, one method for each path.

use super::{
    answers,
    error::{Call, Heard, NotFound},
    report::ResultData,
    requests,
    wire::Success,
};
use crate::{
    domain::{
        asset::Money,
        catalogue::{AssetList, ListedAsset},
        ids::{AssetId, TraceId, UserId},
        invoice::report::{Report, Status},
        mixpay_code::ApiCode,
        pay_link::{self, Page},
    },
    ports::{
        checkout::{Answer, Checkout, DirectPayment, Estimate, PaymentRequest},
        failure::{CallError, retry_after},
    },
};
use async_trait::async_trait;
use reqwest::{RequestBuilder, header};
use std::time::Duration;

/// How long a call may take, from the first byte out to the last byte in.
pub const DEADLINE: Duration = Duration::from_secs(8);
/// An answer is at most so many bytes long; a longer one is not read to its end.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Where MixPay is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The API, without a slash at the end.
    pub api: String,
    /// The pages for payers, without a slash at the end.
    pub web: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self { api: "https://api.mixpay.me/v1".to_owned(), web: pay_link::WEB.to_owned() }
    }
}

/// MixPay over HTTP.
#[derive(Debug, Clone)]
pub struct MixPay {
    http: reqwest::Client,
    endpoints: Endpoints,
}

impl MixPay {
    /// A client of these endpoints.
    pub fn new(http: reqwest::Client, endpoints: Endpoints) -> Self {
        let Endpoints { api, web } = endpoints;
        let endpoints = Endpoints { api: without_slash(api), web: without_slash(web) };
        Self { http, endpoints }
    }

    /// Asks, and reads the answer with `read`, which says `None` to what it does not understand.
    async fn get<T>(
        &self,
        call: Call,
        path: &str,
        query: &[(&str, &str)],
        read: impl FnOnce(&Success) -> Option<T> + Send,
    ) -> Result<T, CallError> {
        let request = self.http.get(self.url(path)).query(query);
        self.answered(call, request, read).await
    }

    async fn post<T>(
        &self,
        call: Call,
        path: &str,
        body: String,
        read: impl FnOnce(&Success) -> Option<T> + Send,
    ) -> Result<T, CallError> {
        let request =
            self.http.post(self.url(path)).header(header::CONTENT_TYPE, "application/json");
        self.answered(call, request.body(body), read).await
    }

    async fn answered<T>(
        &self,
        call: Call,
        request: RequestBuilder,
        read: impl FnOnce(&Success) -> Option<T> + Send,
    ) -> Result<T, CallError> {
        let heard = Self::exchange(call, request).await?;
        understood(call, &heard, read)
    }

    /// Makes a call within [`DEADLINE`].
    async fn exchange(call: Call, request: RequestBuilder) -> Result<Heard, CallError> {
        let request = request.header(header::ACCEPT, "application/json");
        match tokio::time::timeout(DEADLINE, heard(request)).await {
            Ok(heard) => heard.map_err(|error| call.broken(error)),
            Err(_) => Err(call.timed_out(DEADLINE)),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.endpoints.api)
    }
}

fn without_slash(mut url: String) -> String {
    url.truncate(url.trim_end_matches('/').len());
    url
}

/// What an answer to `GET /payments_result` says, and MixPay's time of it, if it told.
pub(super) fn result_of(call: Call, heard: &Heard) -> Result<(Option<i64>, Report), CallError> {
    if let Some(NotFound { reported_ms }) = NotFound::read(heard) {
        return Ok((reported_ms, Report::of(Status::NotFound)));
    }
    understood(call, heard, |success| {
        Some((success.reported_ms, success.object::<ResultData>()?.report()))
    })
}

pub(super) fn understood<T>(
    call: Call,
    heard: &Heard,
    read: impl FnOnce(&Success) -> Option<T>,
) -> Result<T, CallError> {
    let success = call.judge(heard)?;
    read(&success).ok_or_else(|| call.not_understood(heard))
}

/// Sends, and reads at most [`ANSWER_BYTES_MAX`]; of a longer answer only the start is kept, which
/// then is no JSON.
async fn heard(request: RequestBuilder) -> Result<Heard, reqwest::Error> {
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    let says = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = retry_after(says(header::RETRY_AFTER), says(header::DATE), None);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = ANSWER_BYTES_MAX.saturating_sub(body.len());
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            break;
        }
    }
    Ok(Heard { status, retry_after, body })
}

#[async_trait]
impl Checkout for MixPay {
    fn body(&self, request: &PaymentRequest) -> String {
        requests::payment(request)
    }

    async fn open(&self, body: &str) -> Result<String, CallError> {
        let call = Call::Write("POST /one_time_payment");
        self.post(call, "/one_time_payment", body.to_owned(), answers::code).await
    }

    async fn open_direct(&self, body: &str) -> Result<DirectPayment, CallError> {
        let call = Call::Write("POST /payments");
        self.post(call, "/payments", body.to_owned(), answers::direct_payment).await
    }

    async fn refresh(&self, trace: TraceId) -> Result<DirectPayment, CallError> {
        let call = Call::Write("POST /payments/refresh");
        let body = requests::refresh(trace);
        self.post(call, "/payments/refresh", body, answers::direct_payment).await
    }

    async fn info(&self, trace: TraceId) -> Result<DirectPayment, CallError> {
        let call = Call::Read("GET /payments_info");
        let query = [("traceId", trace.to_string())];
        let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.get(call, "/payments_info", &query, answers::direct_payment).await
    }

    async fn result(&self, trace: TraceId) -> Result<Answer, CallError> {
        let call = Call::Read("GET /payments_result");
        let trace = trace.to_string();
        let query = [("traceId", trace.as_str()), ("with", "payment,transactions")];
        let request = self.http.get(self.url("/payments_result")).query(&query);
        let heard = Self::exchange(call, request).await?;
        let (reported_ms, report) = result_of(call, &heard)?;
        Ok(Answer { reported_ms, report })
    }

    async fn estimate(
        &self,
        price: Money,
        pay_with: AssetId,
        settlement: AssetId,
    ) -> Result<Estimate, CallError> {
        let call = Call::Read("GET /payments_estimated");
        let query = [
            ("paymentAssetId", pay_with.to_string()),
            ("settlementAssetId", settlement.to_string()),
            ("quoteAssetId", price.unit.to_string()),
            ("quoteAmount", price.amount.to_string()),
        ];
        let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.get(call, "/payments_estimated", &query, answers::estimate).await
    }

    async fn assets(&self, list: AssetList) -> Result<Vec<ListedAsset>, CallError> {
        let (call, path) = match list {
            AssetList::Quote => ("GET /setting/quote_assets", "/setting/quote_assets"),
            AssetList::Payment => ("GET /setting/payment_assets", "/setting/payment_assets"),
            AssetList::Settlement => {
                ("GET /setting/settlement_assets", "/setting/settlement_assets")
            }
        };
        let read = |success: &Success| answers::assets(success, list);
        self.get(Call::Read(call), path, &[], read).await
    }

    async fn payee_of(&self, number: &str) -> Result<Option<UserId>, CallError> {
        let call = Call::Read("GET /user/mixin_uuid/:number");
        // A Mixin ID is digits; anything else would be another path.
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let path = format!("/user/mixin_uuid/{number}");
        match self.get(call, &path, &[], answers::payee).await {
            Ok(payee) => Ok(Some(payee)),
            Err(error) => match error.code().map(ApiCode::from) {
                Some(ApiCode::UserUnknown | ApiCode::NotFound) => Ok(None),
                Some(_) | None => Err(error),
            },
        }
    }

    async fn multisig(&self, members: &[UserId], threshold: u8) -> Result<UserId, CallError> {
        let call = Call::Write("POST /multisig");
        let body = requests::multisig(members, threshold);
        self.post(call, "/multisig", body, answers::multisig).await
    }

    fn payment_page(&self, code: &str) -> String {
        pay_link::one_time_url(&self.endpoints.web, code, &Page::default())
            .unwrap_or_else(|_| format!("{}/code/{code}", self.endpoints.web))
    }
}

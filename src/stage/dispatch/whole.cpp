#include "stage/dispatch/whole.h"

#include "dialect/faults.h"

namespace sluice::stage {

namespace {

constexpr std::string_view kWhite = " \t\r\n";

// "null", "[]", "{}": JSON, and no answer to anything. One API answers with an array.
bool is_bare(std::string_view body) {
  const auto opening = body.find_first_not_of(kWhite);
  if (opening == std::string_view::npos || (body[opening] != '{' && body[opening] != '[')) return true;
  const auto next = body.find_first_not_of(kWhite, opening + 1);
  return next == std::string_view::npos || body[next] == '}' || body[next] == ']';
}

// A message was told of: that it ended, what it used, or something of what it says.
bool tells_of_a_message(const chat::Learned& learned) {
  return learned.shown > 0 || learned.finish != chat::FinishReason::kNone || !learned.finish_reason.empty() ||
         learned.usage.source != chat::UsageSource::kNone;
}

// Where InvokeModel's bytes pass, it answers in the words of each model, which may be of images or vectors.
bool is_message(const dialect::Endpoint& endpoint, const Try& t) {
  const bool is_any_models = !t.translation && endpoint.name.starts_with("invoke_model");
  return endpoint.operation == dialect::Operation::kChat && !is_any_models;
}

Failure nothing_in_it() {
  return dialect::protocol_fault("The answer is JSON with nothing in it");
}

// What is kept at a provider may be anything.
Status check_answered(const Exchange& x, const Try& t, std::string_view body) {
  if (x.endpoint->asks_no_model) return {};
  if (is_bare(body)) return nothing_in_it();
  if (is_message(*x.endpoint, t) && !tells_of_a_message(t.learned)) {
    return dialect::protocol_fault("The answer holds no message");
  }
  // Few APIs have a word for it, and another model may do better. Untouched answers are the client's to read.
  if (t.translation && t.learned.finish == chat::FinishReason::kModelError) {
    return fail(dialect::model_failure(t.learned.finish_reason));
  }
  return {};
}

}  // namespace

Status WholeAnswer::read(Exchange& x, Try& t, json::Reader& reader) {
  using enum dialect::Operation;
  const auto operation = x.endpoint->operation;
  const bool is_counted_otherwise = operation == kCountTokens && !client.answers_as(*x.endpoint);
  if ((t.translation && operation != kChat) || is_counted_otherwise) return read_other(x, t, reader);
  answer = client.read_answer(x.endpoint->operation, t.translation ? nullptr : x.endpoint, options, t.learned, reader);
  auto only = answer->read_whole(body);
  if (!only) return fail_from(only);
  event = *only;
  return check_answered(x, t, body);
}

// Counts, vectors and rankings are small tables: read and written as one value.
Status WholeAnswer::read_other(Exchange& x, Try& t, json::Reader& reader) {
  if (is_bare(body)) return nothing_in_it();
  switch (x.endpoint->operation) {
    case dialect::Operation::kCountTokens: {
      auto count = client.read_count(body, reader);
      if (!count) return fail_from(count);
      written = x.server->write_count(*count);
      break;
    }
    case dialect::Operation::kEmbed: {
      auto embeddings = client.read_embeddings(body, reader);
      if (!embeddings) return fail_from(embeddings);
      if (embeddings->vectors.empty()) return dialect::protocol_fault("The answer holds no vector");
      t.learned.usage = embeddings->usage;
      t.learned.model = embeddings->model;
      written = x.server->write_embeddings(*x.endpoint, *embeddings, t.translation->embed, t.learned);
      break;
    }
    default: {
      auto ranking = client.read_ranking(body, reader);
      if (!ranking) return fail_from(ranking);
      t.learned.usage = ranking->usage;
      written = x.server->write_ranking(*x.endpoint, *ranking, t.translation->rerank, t.learned);
      break;
    }
  }
  event = {chat::EventKind::kContent, written, {}};
  return {};
}

}  // namespace sluice::stage

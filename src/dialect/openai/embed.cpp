#include "dialect/openai/embed.h"

#include <algorithm>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/openai/envelope.h"
#include "dialect/openai/usage.h"
#include "dialect/reading.h"
#include "json/reader.h"
#include "json/text.h"
#include "json/writer.h"

namespace sluice::dialect::openai {

namespace {

using chat::EmbedRequest;
using Encoding = EmbedRequest::Encoding;

constexpr std::size_t kMostVectors = 1 << 20;

class EmbedReader {
 public:
  EmbedReader(std::string_view body, json::Cursor& cursor) : body_(body), read_(cursor) {}

  Result<EmbedRequest> run() {
    json::each_member(read_.cursor(), [&](std::string_view key) { member(key); });
    if (request_.inputs.empty() && request_.token_inputs.empty()) read_.miss("input");
    if (Status read = read_.finish(); !read) return fail_from(read);
    return std::move(request_);
  }

 private:
  void member(std::string_view key) {
    if (key == "model") {
      read_.any();
    } else if (key == "input") {
      input();
    } else if (key == "dimensions") {
      request_.dimensions = read_.number("dimensions");
    } else if (key == "encoding_format") {
      encoding();
    } else {
      const bool is_null = read_.is_null();
      read_.any();
      const auto unplaced = key == "user" ? chat::Unplaced::kSilent : chat::Unplaced::kDropped;
      if (!is_null) request_.lost.push_back({std::string(key), unplaced, {}});
    }
  }

  void encoding() {
    const auto word = read_.string("encoding_format");
    if (!word) return;
    if (word->raw == "base64") {
      request_.encoding = Encoding::kBase64;
    } else if (word->raw != "float") {
      read_.refuse("encoding_format", "must be float or base64.");
    }
  }

  // A text, texts, tokens, or lists of tokens.
  void input() {
    request_.single = read_.is_string();
    if (request_.single) {
      if (auto text = read_.string("input")) request_.inputs.push_back(*text);
      return;
    }
    const std::size_t begin = read_.cursor().offset();
    bool has_tokens = false;
    const bool is_array = json::each_element(read_.cursor(), [&](std::size_t index) {
      if (read_.cursor().kind() == json::Kind::kNumber || read_.is_array()) {
        has_tokens = true;
        read_.any();
      } else if (auto text = read_.string(at("input", index))) {
        request_.inputs.push_back(*text);
      }
    });
    if (!is_array) return read_.refuse("input", "must be a string or an array.", "invalid_type");
    if (!has_tokens) return;
    if (!request_.inputs.empty()) read_.refuse("input", "must hold texts or tokens, not both.");
    request_.token_inputs = body_.substr(begin, read_.cursor().end_of_last() - begin);
  }

  std::string_view body_;
  Reading read_;
  EmbedRequest request_;
};

// One element of `data`: its vector and its place.
chat::Embeddings::Vector read_vector(json::Cursor& cursor, std::size_t& index) {
  chat::Embeddings::Vector vector;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "index") {
      if (auto number = to_number<std::size_t>(cursor.skip())) index = *number;
    } else if (key == "embedding") {
      if (cursor.kind() == json::Kind::kString) {
        vector.base64 = cursor.take_text();
      } else {
        vector.numbers = cursor.skip();
      }
    }
  });
  return vector;
}

void read_data(json::Cursor& cursor, chat::Embeddings& out) {
  json::each_element(cursor, [&](std::size_t place) {
    std::size_t index = place;
    const auto vector = read_vector(cursor, index);
    if (index >= kMostVectors) return;
    if (out.vectors.size() <= index) out.vectors.resize(index + 1);
    out.vectors[index] = vector;
  });
}

}  // namespace

Result<EmbedRequest> read_embed(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return invalid_request("The request body is not valid JSON.", "", "invalid_json");
  return EmbedReader(body, *cursor).run();
}

std::string write_embeddings(const chat::Embeddings& embeddings, const EmbedRequest& request,
                             const chat::Learned& learned) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("object").text("list").key("data").begin_array();
  std::uint64_t index = 0;
  for (const auto& vector : embeddings.vectors) {
    json.begin_object().key("object").text("embedding").key("index").number(index++).key("embedding");
    if (request.encoding == Encoding::kBase64) {
      json.text(json::Escaped{chat::base64_of(vector)});
    } else {
      json.raw(chat::numbers_of(vector));
    }
    json.end_object();
  }
  json.end_array();
  const std::string& model = learned.model.empty() ? embeddings.model : learned.model;
  json.key("model").text(model.empty() ? request.model : model);
  const chat::Usage& usage = learned.usage.source != chat::UsageSource::kNone ? learned.usage : embeddings.usage;
  json.key("usage").begin_object().key("prompt_tokens").number(usage.input).key("total_tokens").number(usage.input);
  json.end_object().end_object();
  return out;
}

Result<Outgoing> write_embed(const EmbedRequest& request, const Target& target) {
  Outgoing out;
  for (const auto& lost : request.lost) {
    if (lost.unplaced == chat::Unplaced::kRefused)
      return unsupported(lost.path, lost.why, target.provider, target.model);
    out.lost.push_back(lost);
  }
  if (!request.purpose.empty()) out.lost.push_back({"purpose", chat::Unplaced::kDropped, {}});
  if (!request.title.empty()) out.lost.push_back({"title", chat::Unplaced::kDropped, {}});
  json::Writer json(out.body);
  json.begin_object().key("model").text(target.model).key("input");
  if (!request.token_inputs.empty()) {
    json.raw(request.token_inputs);
  } else if (request.single && request.inputs.size() == 1) {
    json.text(request.inputs.front());
  } else {
    json.begin_array();
    for (json::Escaped input : request.inputs) json.text(input);
    json.end_array();
  }
  if (!request.dimensions.empty()) json.key("dimensions").raw(request.dimensions);
  // What is asked for anew is what the client wants; base64 is half as long.
  if (request.encoding == Encoding::kBase64) json.key("encoding_format").text("base64");
  json.end_object();
  return out;
}

Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  chat::Embeddings out;
  bool has_error = false;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "data") {
      read_data(*cursor, out);
    } else if (key == "model") {
      out.model = json::unescape(cursor->take_text()).value_or("");
    } else if (key == "usage") {
      if (auto usage = read_usage(*cursor)) out.usage = *usage;
    } else if (key == "error") {
      has_error = cursor->kind() != json::Kind::kNull;
    }
  });
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  if (has_error) return error_in_answer(said_in(read_envelope(body, reader)), body);
  const bool has_gap = std::ranges::any_of(
      out.vectors, [](const auto& vector) { return vector.numbers.empty() && vector.base64.empty(); });
  if (has_gap) return protocol_fault("An embedding is missing from the answer");
  return out;
}

}  // namespace sluice::dialect::openai

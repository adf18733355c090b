#include "dialect/asked.h"

#include <algorithm>

#include "base/text.h"
#include "http/message.h"
#include "http/multipart.h"
#include "http/url.h"
#include "json/reader.h"
#include "json/text.h"

namespace sluice::dialect {

namespace {

Failure refuse(std::string told, std::string_view param, std::string_view code = {}) {
  Fault fault;
  fault.kind = FaultKind::kInvalidRequest;
  fault.told = std::move(told);
  fault.param = param;
  fault.code = code;
  return fail(std::move(fault));
}

Failure refuse_twice(std::string_view param) {
  return refuse("'" + std::string(param) + "' is given twice.", param);
}

Failure refuse_json(std::string_view body, const json::Broken& broken) {
  return refuse("The request body is not valid JSON: " + std::string(broken.why) + ", at byte " +
                    std::to_string(broken.offset) + " (line " + std::to_string(json::line_of(body, broken.offset)) +
                    ").",
                "", "invalid_json");
}

Failure refuse_missing_model() {
  return refuse("You must provide a model parameter.", "model", "missing_required_parameter");
}

// Model names end in logs, headers, paths and forms: none may hold what those cannot.
Status check_model(std::string_view model) {
  if (model.size() > kMaxModelBytes) {
    return refuse("'model' is longer than " + std::to_string(kMaxModelBytes) + " bytes.", "model");
  }
  if (is_printable(model, kMaxModelBytes)) return {};
  if (std::ranges::any_of(model, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    return refuse("'model' holds control characters.", "model");
  }
  while (!model.empty()) {
    const auto length = utf8_length(model);
    if (length == 0) return refuse("'model' is not UTF-8.", "model");
    model.remove_prefix(length);
  }
  return {};
}

// Reads the members of a JSON body.
class JsonRequest {
 public:
  JsonRequest(const Endpoint& endpoint, std::string model_in_path, std::string_view body, json::Cursor cursor)
      : endpoint_(endpoint), body_(body), cursor_(std::move(cursor)), has_model_(!model_in_path.empty()) {
    asked_.model = std::move(model_in_path);
  }

  Result<Asked> read() {
    if (cursor_.kind() != json::Kind::kObject) return not_an_object();
    cursor_.enter_object();
    asked_.object_empty = true;
    while (auto key = cursor_.next_key()) {
      asked_.object_empty = false;
      end_first_member();
      if (auto taken = member(*key); !taken) return fail_from(taken);
    }
    if (!cursor_.finish()) return refuse_json(body_, *cursor_.broken());
    asked_.object_end = body_.find_last_of('}');
    if (asked_.model.empty() && !endpoint_.asks_no_model) {
      if (endpoint_.default_model.empty()) return refuse_missing_model();
      asked_.model = endpoint_.default_model;
    }
    return std::move(asked_);
  }

 private:
  Failure not_an_object() {
    cursor_.skip();
    if (!cursor_.finish()) return refuse_json(body_, *cursor_.broken());
    return refuse("The request body is JSON, but not an object.", "");
  }

  Status member(std::string_view key) {
    const Range key_range{cursor_.key_begin(), cursor_.key_end()};
    Status taken;
    if (key == "model" && !has_model_) {
      taken = model();
    } else if (key == "stream" && is_streamed_by_body()) {
      taken = stream();
    } else if (key == "stream_format" && endpoint_.streaming == Streaming::kByFormat) {
      const Range value = skip();
      asked_.stream = asked_.stream || body_.substr(value.begin, value.end - value.begin) == R"("sse")";
    } else if (key == "stream_options" && endpoint_.usage_option) {
      taken = stream_options();
    } else if (endpoint_.builds_on_kept && is_about_kept(key)) {
      kept(key);
    } else if (endpoint_.builds_on_kept && key == "store") {
      asked_.is_kept = cursor_.kind() != json::Kind::kFalse;
      skip();
    } else {
      if (key == "max_tokens") asked_.max_tokens_key = key_range;
      if (key == "max_completion_tokens") asked_.max_completion_tokens_key = key_range;
      const Range value = skip();
      if (key == "metadata" || key == "requestMetadata" || key == "labels") asked_.metadata = value;
      if (key == "user" || (key == "safety_identifier" && !asked_.user)) asked_.user = value;
    }
    return taken;
  }

  // Steps over the value ahead and returns where it stood.
  Range skip() {
    const std::size_t begin = cursor_.offset();
    return {begin, begin + cursor_.skip().size()};
  }

  Status model() {
    if (asked_.model_value) return refuse_twice("model");
    const json::Kind kind = cursor_.kind();
    asked_.model_value = skip();
    const auto [begin, end] = *asked_.model_value;
    if (cursor_.broken() || kind == json::Kind::kNull) return {};
    if (kind != json::Kind::kString) return refuse("'model' must be a string.", "model", "invalid_type");
    // The bound is on what is written: six bytes of an escape make one of the name.
    if (end - begin > 6 * kMaxModelBytes + 2) return check_model(body_.substr(begin, end - begin));
    auto plain = json::unescape(body_.substr(begin + 1, end - begin - 2));
    if (!plain) return refuse("'model' holds a broken escape.", "model", "invalid_json");
    asked_.model = *std::move(plain);
    return check_model(asked_.model);
  }

  static bool is_about_kept(std::string_view key) {
    return key == "previous_response_id" || key == "conversation" || key == "prompt";
  }

  // An id, or an object with one. What is of another type is for the provider to refuse.
  // A response counts more than a prompt: it is one account's for certain.
  void kept(std::string_view key) {
    const bool counts = asked_.kept.empty() || key == "previous_response_id";
    auto take_id = [&] {
      const Range value = skip();
      const bool is_text = value.end - value.begin >= 2 && body_[value.begin] == '"';
      if (!counts || !is_text || value.end - value.begin > kMaxModelBytes) return;
      asked_.kept = json::unescape(body_.substr(value.begin + 1, value.end - value.begin - 2)).value_or("");
    };
    if (!cursor_.enter_object()) return take_id();
    while (auto name = cursor_.next_key()) {
      if (*name == "id") {
        take_id();
      } else {
        skip();
      }
    }
  }

  bool is_streamed_by_body() const {
    return endpoint_.streaming == Streaming::kByMember || endpoint_.streaming == Streaming::kByFormat;
  }

  Status stream() {
    if (stream_seen_) return refuse_twice("stream");
    stream_seen_ = true;
    const json::Kind kind = cursor_.kind();
    skip();
    asked_.stream = asked_.stream || kind == json::Kind::kTrue;
    const bool valid = kind == json::Kind::kTrue || kind == json::Kind::kFalse || kind == json::Kind::kNull;
    if (valid || cursor_.broken()) return {};
    return refuse("'stream' must be true or false.", "stream", "invalid_type");
  }

  Status stream_options() {
    if (asked_.stream_options) return refuse_twice("stream_options");
    const std::size_t begin = cursor_.offset();
    const std::size_t cut_begin = cursor_.cut_begin();
    first_is_options_ = cursor_.first_member();
    const json::Kind kind = cursor_.kind();
    if (cursor_.enter_object()) {
      while (auto name = cursor_.next_key()) {
        if (*name != "include_usage") {
          skip();
          continue;
        }
        if (asked_.include_usage) return refuse_twice("stream_options.include_usage");
        asked_.usage_wanted = cursor_.kind() == json::Kind::kTrue;
        asked_.include_usage = skip();
      }
    } else {
      skip();
      if (kind != json::Kind::kNull && !cursor_.broken()) {
        return refuse("'stream_options' must be an object.", "stream_options", "invalid_type");
      }
    }
    asked_.stream_options = Range{begin, cursor_.end_of_last()};
    asked_.stream_options_member = Range{cut_begin, cursor_.end_of_last()};
    return {};
  }

  // The first member goes with the comma behind it, up to the second key.
  void end_first_member() {
    if (!first_is_options_) return;
    first_is_options_ = false;
    asked_.stream_options_member->end = cursor_.key_begin();
  }

  const Endpoint& endpoint_;
  std::string_view body_;
  json::Cursor cursor_;
  bool has_model_;
  Asked asked_;
  bool stream_seen_ = false;
  bool first_is_options_ = false;  // stream_options was the first member, and no other has followed yet
};

Result<Asked> read_json(const Endpoint& endpoint, std::string model, std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return refuse_json(body, cursor.error());
  auto asked = JsonRequest(endpoint, std::move(model), body, *std::move(cursor)).read();
  reader.shrink();
  return asked;
}

Result<Asked> read_form(const Endpoint& endpoint, std::string_view content_type, std::string_view body) {
  auto boundary = http::form_boundary(content_type);
  if (!boundary) return fail_from(boundary);
  auto form = http::parse_form(*boundary, body);
  if (!form) return fail_from(form);
  Asked asked;
  asked.boundary = *std::move(boundary);
  asked.form_begin = form->begin;
  bool stream_seen = false;
  for (const http::FormPart& part : form->parts) {
    const std::string_view value = body.substr(part.begin, part.end - part.begin);
    if (part.name == "stream") {
      if (stream_seen) return refuse_twice("stream");
      stream_seen = true;
      asked.stream = iequals(value, "true") || value == "1";
    }
    if (part.name != "model") continue;
    if (asked.model_value) return refuse_twice("model");
    if (part.is_file) return refuse("'model' must be a field of text, not a file.", "model");
    if (auto checked = check_model(value); !checked) return fail_from(checked);
    asked.model_value = Range{part.begin, part.end};
    asked.model = value;
  }
  if (asked.model.empty()) asked.model = endpoint.default_model;
  if (asked.model.empty()) return refuse_missing_model();
  return asked;
}

bool is_json_type(std::string_view type) {
  if (iequals(type, "application/json") || iequals(type, "text/json")) return true;
  const auto plus = type.rfind('+');
  return plus != std::string_view::npos && iequals(type.substr(plus), "+json");
}

}  // namespace

Result<Asked> read_asked(const Endpoint& endpoint, const PathMatch& path, std::string_view content_type,
                         std::string_view body, json::Reader& reader) {
  std::string model;
  if (!path.model.empty()) {
    auto decoded = http::percent_decode(path.model);
    if (!decoded) return refuse("The model's name in the path is not coded correctly.", "model");
    if (auto checked = check_model(*decoded); !checked) return fail_from(checked);
    model = *std::move(decoded);
  }
  if (endpoint.form == BodyForm::kNone) {
    Asked asked;
    asked.model = std::move(model);
    return asked;
  }
  const auto type = trim(content_type.substr(0, content_type.find(';')));
  const bool looks_like_json = body.substr(std::min(body.find_first_not_of(" \t\r\n"), body.size())).starts_with('{');
  if (endpoint.form != BodyForm::kMultipart && (is_json_type(type) || (type.empty() && looks_like_json))) {
    return read_json(endpoint, std::move(model), body, reader);
  }
  if (endpoint.form != BodyForm::kJson && iequals(type, "multipart/form-data"))
    return read_form(endpoint, content_type, body);
  const std::string_view wanted = endpoint.form == BodyForm::kJson        ? "application/json"
                                  : endpoint.form == BodyForm::kMultipart ? "multipart/form-data"
                                                                          : "application/json or multipart/form-data";
  return refuse(
      (type.empty() ? "The request has no Content-Type"
                    : "The Content-Type '" + printable(http::media_type(type), 100) + "' is not supported here") +
          "; use " + std::string(wanted) + ".",
      "content-type", "unsupported_content_type");
}

}  // namespace sluice::dialect

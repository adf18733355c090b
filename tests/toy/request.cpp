#include "toy/request.h"

#include <array>

#include "dialect/faults.h"
#include "dialect/reading.h"
#include "json/reader.h"

namespace sluice::dialect::toy {

namespace {

using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using json::Escaped;

constexpr std::array kFields = {
    rows::typed("model", Field::kModel),
    rows::typed("stream", Field::kStream),
    rows::typed("lines", Field::kMessages, "texts alone"),
    rows::typed("lines[].who", Field::kMessages),
    rows::typed("lines[].says", Field::kMessages),
    rows::value("words", Field::kMaxTokens),
};

// ---- from a client

class ChatReader {
 public:
  ChatReader(json::Cursor& cursor, chat::Request& request) : in_(cursor), request_(request) {}

  Status run() {
    json::each_member(in_.cursor(), [&](std::string_view key) {
      if (in_.ok()) member(key);
    });
    if (!request_.has(Field::kMessages)) in_.miss("lines");
    return in_.finish();
  }

 private:
  void member(std::string_view key) {
    if (key == "lines") return lines();
    if (key == "model" || key == "stream") return;  // known to the caller
    if (!take_field(kFields, key, in_.cursor(), request_)) take_unknown(key, in_.cursor(), request_);
  }

  void lines() {
    request_.give(Field::kMessages, "lines");
    const bool is_array = json::each_element(in_.cursor(), [&](std::size_t index) { line(at("lines", index)); });
    if (!is_array) in_.refuse("lines", "must be an array.", "invalid_type");
  }

  void line(const std::string& path) {
    Escaped who;
    Part part;
    const bool is_object = json::each_member(in_.cursor(), [&](std::string_view key) {
      const std::string inner = path + "." + std::string(key);
      if (key == "who") {
        who = in_.string(inner).value_or(Escaped{});
      } else if (key == "says") {
        part.text = in_.string(inner).value_or(Escaped{});
      } else {
        take_unknown(inner, in_.cursor(), request_);
      }
    });
    if (!is_object) return in_.refuse(path, "must be an object.", "invalid_type");
    const auto role = role_of(who.raw);
    if (!role) return in_.refuse(path + ".who", "must be user, model or system.");
    request_.turns.push_back({.role = *role, .parts = {std::move(part)}});
  }

  static std::optional<Role> role_of(std::string_view who) {
    if (who == "user") return Role::kUser;
    if (who == "model") return Role::kAssistant;
    if (who == "system") return Role::kSystem;
    return std::nullopt;
  }

  Reading in_;
  chat::Request& request_;
};

// ---- to a provider

std::string_view who_says(Role role) {
  if (role == Role::kAssistant) return "model";
  return role == Role::kSystem || role == Role::kDeveloper ? "system" : "user";
}

bool is_text(const Part& part) {
  return part.kind == PartKind::kText || part.kind == PartKind::kRefusal;
}

Status write_line(const chat::Request& request, const chat::Turn& turn, const Target& target, json::Writer& json) {
  std::string said;
  for (const Part& part : turn.parts) {
    if (part.kind == PartKind::kReasoning) continue;  // not said
    if (!is_text(part)) {
      return unsupported(request.path(Field::kMessages), "with anything but texts is not supported", target.provider,
                         target.model);
    }
    said += part.text.raw;
  }
  json.begin_object().key("who").text(who_says(turn.role)).key("says").text(Escaped{said}).end_object();
  return {};
}

}  // namespace

FieldTable fields_of(Operation operation) {
  return operation == Operation::kChat ? FieldTable(kFields) : FieldTable();
}

Result<chat::Request> read_chat(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return invalid_request("The request body is not valid JSON.", "", "invalid_json");
  chat::Request request;
  if (auto read = ChatReader(*cursor, request).run(); !read) return fail_from(read);
  return request;
}

Result<Outgoing> write_chat(chat::Request& request, const Target& target) {
  Outgoing out;
  if (auto settled = settle_fields(kFields, request, target.provider, target.model, out.lost); !settled) {
    return fail_from(settled);
  }
  json::Writer json(out.body);
  json.begin_object().key("model").text(target.model).key("stream").boolean(target.stream);
  json.key("lines").begin_array();
  for (const chat::Turn& turn : request.turns) {
    if (auto written = write_line(request, turn, target, json); !written) return fail_from(written);
  }
  json.end_array();
  write_fields(kFields, "", request, json);
  json.end_object();
  return out;
}

}  // namespace sluice::dialect::toy
